import { systemClock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { RecoveryRecord } from '../history/run-record.ts';
import type { FailedSet } from '../langfuse/failed-set.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import { clearance, type PaceOptions, Skips, stopReason, waitOptions } from './pace.ts';

/** Jobs that are tried first, spread over the whole failed set; the others follow only if not all of them fail again. */
const CANARIES = 20;

const DEFAULT_SLICE = 1000;

/** Jobs whose error is read at once. */
const READ_SLICE = 1000;

/** How failed jobs are retried. */
export interface RetryOptions extends PaceOptions {
  readonly queue: Pick<IngestionQueue, 'depths' | 'failed'>;
  /** Jobs retried at once; 1,000 unless told. */
  readonly slice?: number;
  /** Only jobs whose error contains this text, upper and lower case told apart. */
  readonly errorContains?: string;
  /** Only jobs of this project. */
  readonly projectId?: string;
  /** False retries without trying a few jobs first, for a queue whose worker is not running; true unless told. */
  readonly tryFirst?: boolean;
}

/**
 * Retries the jobs that are in the failed set when it is called, the oldest first, in slices.
 *
 * A retried job has one run only, without back-off, and goes straight back to the failed set when it fails
 * (BullMQ keeps its count of attempts). So each slice waits until ClickHouse answers and the
 * queue is short; a few jobs go first, because ClickHouse may answer us and not the worker; and the step stops
 * once most of what it retried has failed again. No job is retried twice: what fails again does so later than
 * everything that was there at the start. Stopped or killed at any point, the next call goes on with the rest.
 *
 * What goes wrong on the way ends the step and is a reason in `skipped`.
 *
 * @throws ChaosError `E_REDIS` when the failed set can't be read at the start; the signal's reason when it aborts
 */
export async function retryFailedJobs(options: RetryOptions): Promise<RecoveryRecord> {
  const clock = options.clock ?? systemClock;
  const { failed } = options.queue;
  const startedAt = clock.now();
  const skips = new Skips();
  let done = 0;

  const until = await failed.newest();
  if (until !== undefined) {
    const all = await failed.ids(until);
    const ids = await select(failed, all, options, skips);
    if (options.dryRun) skips.add('dry run', ids.length);
    else done = await retryAll(options, ids, until, skips);
  }
  return { step: 'retry failed jobs', startedAt, endedAt: clock.now(), done, skipped: skips.list() };
}

/** Those of the project whose error matches, in their order; of a selection the others are skips. */
async function select(
  failed: FailedSet,
  ids: string[],
  options: RetryOptions,
  skips: Skips,
): Promise<string[]> {
  const { errorContains: text, projectId } = options;
  if (!isSelection(options)) return ids;
  const selected: string[] = [];
  for (let at = 0; at < ids.length; at += READ_SLICE) {
    options.signal?.throwIfAborted();
    const jobs = await failed.details(ids.slice(at, at + READ_SLICE));
    for (const job of jobs) {
      if (projectId !== undefined && job.projectId !== projectId) skips.add('it is of another project');
      else if (text !== undefined && !job.failedReason?.includes(text))
        skips.add(`the error does not contain "${text}"`);
      else selected.push(job.id);
    }
  }
  return selected;
}

function isSelection({ errorContains, projectId }: RetryOptions): boolean {
  return errorContains !== undefined || projectId !== undefined;
}

async function retryAll(options: RetryOptions, ids: string[], until: number, skips: Skips): Promise<number> {
  const { failed } = options.queue;
  const slice = options.slice ?? DEFAULT_SLICE;
  const total = ids.length;
  let done = 0;
  const count = (moved: number) => {
    done += moved;
    options.onProgress?.({ done, seen: done, total });
  };
  try {
    let rest = ids;
    if (options.tryFirst ?? true) {
      await clearance(options);
      const canaries = new Set(spread(ids, CANARIES));
      count(await failed.retryEach([...canaries]));
      await proveBy([...canaries], options);
      rest = ids.filter((id) => !canaries.has(id));
    }
    for (let at = 0; at < rest.length; at += slice) {
      await clearance(options);
      const again = await failed.count({ since: until });
      if (again > CANARIES && again > done / 2)
        throw failedAgain(`${again} jobs failed since ${done} were retried`);
      // A selection goes one by one; the whole set by BullMQ's own script, which is several times as fast.
      const selection = isSelection(options) ? rest.slice(at, at + slice) : undefined;
      count(selection ? await failed.retryEach(selection) : await failed.retryOldest(until, slice));
    }
    skips.add('left the failed set meanwhile', total - done);
  } catch (error) {
    skips.add(stopReason(error), total - done);
  }
  return done;
}

/** Waits until these jobs were worked off, and throws when every one of them failed again. */
async function proveBy(ids: string[], options: RetryOptions): Promise<void> {
  const { failed } = options.queue;
  const outcome = await waitUntil(
    `the worker to work off the first ${ids.length} retried jobs`,
    async () => {
      const now = await failed.outcome(ids);
      return now.pending === 0 && now;
    },
    waitOptions(options),
  );
  if (outcome.failed < ids.length) return;
  const [example] = await failed.details(ids.slice(0, 1));
  throw failedAgain(
    `all of the first ${ids.length} retried jobs failed again, with ${example?.failedReason?.slice(0, 200) ?? 'an unknown error'}`,
  );
}

function failedAgain(what: string): ChaosError {
  return new ChaosError({
    code: 'E_RETRY_FAILED_AGAIN',
    happened: `${what}.`,
    expected: 'most retried jobs to succeed',
    remedy: 'see in the log of the worker what it cannot reach, mend that, then retry again.',
  });
}

/** At most `count` of the items, evenly spread, so that old and new failures are among them. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, n) => items[Math.floor(n * step)] as T);
}
