import { ErrorCode, Job, type Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Asked, type QueuedJob, readDetails } from './queued-jobs.ts';

/** Milliseconds since the epoch, by the worker's clock: when a failed job gave up. BullMQ orders the failed set by it. */
export type FailedAt = number;

/** The jobs that gave up: BullMQ's own failed set of the queue. Langfuse has no other dead letter queue for ingestion. */
export interface FailedSet {
  /** When the newest of them gave up; undefined when there are none. */
  newest(): Promise<FailedAt | undefined>;
  /** How many gave up after `since` and until `until`, both optional, the latter included. */
  count(range: { readonly since?: FailedAt; readonly until?: FailedAt }): Promise<number>;
  /** Ids of those that gave up until then, the oldest first. */
  ids(until: FailedAt, limit?: number): Promise<string[]>;
  /** Details of these jobs; those that are gone are left out. Not more than a few thousand at once. */
  details(ids: readonly string[]): Promise<QueuedJob[]>;
  /**
   * Moves about `limit` of those that gave up until then back to waiting, the oldest first, and returns how many.
   * All that gave up in the same millisecond as the last one come along. Nothing that fails again meanwhile is
   * moved twice, for it gives up later. Each script call is atomic: a crash loses and doubles nothing.
   */
  retryOldest(until: FailedAt, limit: number): Promise<number>;
  /** Moves these jobs back to waiting, each by itself; those that left the failed set meanwhile are not counted. */
  retryEach(ids: readonly string[]): Promise<number>;
  /** How many of these jobs were worked off since they were retried, and how many of them without success. */
  outcome(ids: readonly string[]): Promise<{ readonly pending: number; readonly failed: number }>;
}

/**
 * The failed set of a queue. A retried job keeps its count of attempts and so gets exactly one run more, with
 * no back-off, in BullMQ's `retryJobs` as in `job.retry()`.
 */
export function openFailedSet(queue: Queue, redis: Redis, asked: Asked): FailedSet {
  const key = queue.toKey('failed');

  /** When the job gave up that stands last among the `limit` oldest. */
  const boundary = async (until: FailedAt, limit: number): Promise<FailedAt> => {
    const at = await asked(redis.zrange(key, limit - 1, limit - 1, 'WITHSCORES'));
    return Math.min(until, at[1] === undefined ? until : Number(at[1]));
  };

  return {
    newest: async () => {
      const last = await asked(redis.zrange(key, -1, -1, 'WITHSCORES'));
      return last[1] === undefined ? undefined : Number(last[1]);
    },
    count: ({ since, until }) =>
      asked(redis.zcount(key, since === undefined ? '-inf' : `(${since}`, until ?? '+inf')),
    ids: (until, limit) => asked(redis.zrange(key, '-inf', until, 'BYSCORE', 'LIMIT', 0, limit ?? -1)),
    details: (ids) => readDetails(queue, redis, asked, 'failed', ids),
    retryOldest: async (until, limit) => {
      const timestamp = await boundary(until, limit);
      const moved = await asked(redis.zcount(key, '-inf', timestamp));
      // `count` bounds one script call; retryJobs repeats it while a call moves that many, hence one more than needed.
      const count = Math.min(moved, limit) + 1;
      if (moved > 0) await asked(queue.retryJobs({ state: 'failed', count, timestamp }));
      return moved;
    },
    retryEach: async (ids) => {
      const retried = await asked(Promise.all(ids.map((id) => retryOne(queue, id))));
      return retried.filter(Boolean).length;
    },
    outcome: async (ids) => {
      const states = await asked(Promise.all(ids.map((id) => queue.getJobState(id))));
      return {
        pending: states.filter(
          (state) => state === 'waiting' || state === 'active' || state === 'prioritized',
        ).length,
        failed: states.filter((state) => state === 'failed' || state === 'delayed').length,
      };
    },
  };
}

/** Retries one job without reading it first; false when it is no longer in the failed set. */
async function retryOne(queue: Queue, id: string): Promise<boolean> {
  try {
    await new Job(queue, '', {}, {}, id).retry('failed');
    return true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === ErrorCode.JobNotExist || code === ErrorCode.JobNotInState) return false;
    throw error;
  }
}
