import { systemClock } from '../base/clock.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { RecoveryRecord } from '../history/run-record.ts';
import type { EntityKey } from '../langfuse/events.ts';
import type { IngestionQueue, ReplayJob } from '../langfuse/queue.ts';
import type { Tables } from '../langfuse/tables.ts';
import { Months } from './months.ts';
import { clearance, type PaceOptions, Skips, stopReason, waitOptions } from './pace.ts';
import {
  type EntityFolder,
  entityFolders,
  type Reconciled,
  type ReconcileSources,
  reconcileBatch,
} from './reconcile.ts';

/** Milliseconds between two looks at the rows of a slice. */
const LOOK_AT_ROWS_MS = 500;

/** What to replay, and at what pace. */
export interface ReplayOptions extends PaceOptions, ReconcileSources {
  readonly queue: Pick<IngestionQueue, 'depths' | 'jobs' | 'addReplayJobs'>;
  readonly tables: Pick<Tables, 'answers' | 'readRows'>;
}

/** What a replay did. */
export interface Replay {
  readonly record: RecoveryRecord;
  /** Every entity that was found missing or incomplete. */
  readonly gaps: readonly ReplayedGap[];
}

/** One entity that was missing or incomplete. */
export interface ReplayedGap {
  readonly entity: EntityKey;
  readonly landed: 'missing' | 'incomplete';
  /** Why no job was added for it; absent when one was. */
  readonly skipped?: string;
}

/**
 * Has the worker process again, from S3, every entity that is missing or incomplete in ClickHouse: one job per
 * entity, none for what is whole, none where a job is still queued, none where it would be in vain or take others along
 * that ClickHouse would otherwise accept. The queue is kept short and ClickHouse is asked before each slice. A second replay, once the jobs of the first are worked
 * off and written, finds nothing to do but what has an obstacle.
 *
 * What goes wrong on the way (ClickHouse stays away, the queue does not drain) ends the step and is a reason in
 * `skipped`, with the number of entities that were not looked at.
 *
 * Effects beyond the rows, as with every re-processing by Langfuse v3.36.0: a trace's `public` and `bookmarked`
 * are reset, a hidden row comes back, and evaluations may run again.
 *
 * @throws ChaosError `E_REDIS` or `E_S3` when the queue can't be read at the start or the listing breaks off; the
 *   signal's reason when it aborts
 */
export async function replayFromS3(options: ReplayOptions): Promise<Replay> {
  const clock = options.clock ?? systemClock;
  const startedAt = clock.now();
  const skips = new Skips();
  const gaps: ReplayedGap[] = [];
  const queued = await queuedEntities(options);
  const months = new Months();
  let done = 0;
  let seen = 0;
  let stopped: string | undefined;

  for await (const batch of entityFolders(options)) {
    options.signal?.throwIfAborted();
    if (stopped === undefined) {
      try {
        await clearance(options);
        const byEntity = new Map(batch.map((folder) => [folder.entity, folder]));
        const found = (await reconcileBatch(options, batch)).map((reconciled) =>
          decide(reconciled, byEntity.get(reconciled.entity) as EntityFolder, queued, options),
        );
        for (const { gap, left } of found) {
          if (gap) gaps.push(gap);
          if (left) skips.add(left);
        }
        await addJobs(found, months, options, (jobs) => {
          for (const job of jobs) queued.add(job.entity);
          done += jobs.length;
        });
      } catch (error) {
        stopped = stopReason(error);
      }
    }
    if (stopped !== undefined) skips.add(stopped, batch.length);
    seen += batch.length;
    options.onProgress?.({ done, seen });
  }
  const record = {
    step: 'replay from S3',
    startedAt,
    endedAt: clock.now(),
    done,
    skipped: skips.list(),
  } as const;
  return { record, gaps };
}

/** Adds the jobs of a batch. Where their rows are of too many months for one INSERT, those before are waited for. */
async function addJobs(
  found: readonly Decision[],
  months: Months,
  options: ReplayOptions,
  onAdded: (jobs: readonly ReplayJob[]) => void,
): Promise<void> {
  let slice: { job: ReplayJob; folder: EntityFolder }[] = [];
  const addSlice = async () => {
    const jobs = slice.map(({ job }) => job);
    await options.queue.addReplayJobs(options.projectId, jobs);
    months.replayed(slice.map(({ folder }) => folder));
    slice = [];
    onAdded(jobs);
  };
  for (const { job, month, folder } of found) {
    if (!job) continue;
    if (!months.hasRoomFor(month)) {
      await addSlice();
      await untilWhole(months.last, options);
      months.landed();
    }
    months.open(month);
    slice.push({ job, folder });
  }
  await addSlice();
}

async function untilWhole(folders: readonly EntityFolder[], options: ReplayOptions): Promise<void> {
  await waitUntil(
    `${folders.length} replayed entities to land, before rows of further months join them`,
    async () => (await reconcileBatch(options, folders)).every(({ landed }) => landed === 'whole'),
    { ...waitOptions(options), intervalMs: LOOK_AT_ROWS_MS },
  );
}

/** What is to be done about one entity: a job, or nothing and why. */
interface Decision {
  readonly gap?: ReplayedGap;
  readonly job?: ReplayJob;
  readonly month?: string | undefined;
  readonly folder: EntityFolder;
  readonly left?: string;
}

function decide(
  { entity, landed, obstacle, type, month }: Reconciled,
  folder: EntityFolder,
  queued: ReadonlySet<EntityKey>,
  { dryRun }: ReplayOptions,
): Decision {
  if (landed === 'whole') return { folder, left: 'whole' };
  const skipped =
    obstacle ?? (queued.has(entity) ? 'a job for it is queued' : dryRun ? 'dry run' : undefined);
  return skipped === undefined
    ? { gap: { entity, landed }, job: { entity, type }, month, folder }
    : { gap: { entity, landed, skipped }, left: skipped, folder };
}

/** Entities that a queued job will bring to ClickHouse by itself. Failed jobs do not count: they stay where they are. */
async function queuedEntities({ queue, projectId }: ReplayOptions): Promise<Set<EntityKey>> {
  const queued = new Set<EntityKey>();
  for await (const job of queue.jobs()) {
    if (job.entity && job.projectId === projectId && job.state !== 'failed') queued.add(job.entity);
  }
  return queued;
}
