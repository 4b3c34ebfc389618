import { systemClock } from '../base/clock.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { RecoveryRecord } from '../history/run-record.ts';
import type { EntityKey } from '../langfuse/events.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import type { EntityReplay } from '../langfuse/replay-job.ts';
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
import { spansObjects } from './reconcile-spans.ts';
import { decideOnSpans, type UnderWay } from './replay-spans.ts';

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
 * entity, or per object of spans where these are stored as they came; none for what is whole, none where a job is still queued, none where it would be in vain or take others along
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
  const underWay = await whatIsUnderWay(options);
  const months = new Months();
  let done = 0;
  let seen = 0;
  let stopped: string | undefined;

  const inBatches = async <Item>(
    batches: AsyncIterable<readonly Item[]>,
    replay: (batch: readonly Item[]) => Promise<void>,
  ) => {
    for await (const batch of batches) {
      options.signal?.throwIfAborted();
      if (stopped === undefined) {
        try {
          await clearance(options);
          await replay(batch);
        } catch (error) {
          stopped = stopReason(error);
        }
      }
      if (stopped !== undefined) skips.add(stopped, batch.length);
      seen += batch.length;
      options.onProgress?.({ done, seen });
    }
  };

  await inBatches(entityFolders(options), async (batch) => {
    const found = (await reconcileBatch(options, batch)).map((each) =>
      decide(each, underWay.entities, options),
    );
    for (const { gap, left } of found) {
      if (gap) gaps.push(gap);
      if (left) skips.add(left);
    }
    await addJobs(found, months, options, (jobs) => {
      for (const job of jobs) underWay.entities.add(job.entity);
      done += jobs.length;
    });
  });
  await inBatches(spansObjects(options), async (batch) => {
    const found = await decideOnSpans(options, batch, underWay);
    for (const { gaps: own, left } of found) {
      gaps.push(...own);
      if (left) skips.add(left);
    }
    const jobs = found.flatMap(({ job }) => job ?? []);
    if (jobs.length > 0) await options.queue.addReplayJobs(options.facts.profile, options.projectId, jobs);
    done += jobs.length;
  });
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
  onAdded: (jobs: readonly EntityReplay[]) => void,
): Promise<void> {
  let slice: { job: EntityReplay; folder: EntityFolder }[] = [];
  const addSlice = async () => {
    const jobs = slice.map(({ job }) => job);
    await options.queue.addReplayJobs(options.facts.profile, options.projectId, jobs);
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
  readonly job?: EntityReplay;
  readonly month?: string | undefined;
  readonly folder: EntityFolder;
  readonly left?: string;
}

function decide(
  { entity, folder, landed, obstacle, type, month }: Reconciled,
  queued: ReadonlySet<EntityKey>,
  { dryRun }: ReplayOptions,
): Decision {
  if (landed === 'whole') return { folder, left: 'whole' };
  const skipped =
    obstacle ?? (queued.has(entity) ? 'a job for it is queued' : dryRun ? 'dry run' : undefined);
  return skipped === undefined
    ? { gap: { entity, landed }, job: { entity, type, folder: folder.path }, month, folder }
    : { gap: { entity, landed, skipped }, left: skipped, folder };
}

/** What queued jobs will bring to ClickHouse by themselves. Failed jobs do not count: they stay where they are. */
async function whatIsUnderWay({ queue, projectId }: ReplayOptions): Promise<UnderWay> {
  const entities = new Set<EntityKey>();
  const objects = new Set<string>();
  for await (const job of queue.jobs()) {
    if (job.projectId !== projectId || job.state === 'failed') continue;
    if (job.entity) entities.add(job.entity);
    if (job.object) objects.add(job.object);
  }
  return { entities, objects };
}
