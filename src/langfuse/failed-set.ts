import { ErrorCode, Job, type Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type QueuedJob, readDetails } from './queued-jobs.ts';
import { asked } from './redis.ts';

/** Milliseconds since the epoch, by the worker's clock: when a failed job gave up. BullMQ orders a failed set by it. */
export type FailedAt = number;

/** The jobs that gave up, of all ingestion queues: BullMQ's own failed sets. Langfuse has no other dead letter queue for ingestion. */
export interface FailedSet {
  /** When the newest of them gave up; undefined when there are none. */
  newest(): Promise<FailedAt | undefined>;
  /** How many gave up after `since` and until `until`, both optional, the latter included. */
  count(range: { readonly since?: FailedAt; readonly until?: FailedAt }): Promise<number>;
  /** Ids (as in {@link QueuedJob}) of those that gave up until then, the oldest first. */
  ids(until: FailedAt): Promise<string[]>;
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

/** A job that gave up, and where. */
interface Failed {
  readonly queue: Queue;
  readonly id: string;
  readonly at: FailedAt;
}

/**
 * The failed sets of queues as one. A retried job keeps its count of attempts and so gets exactly one run more, with
 * no back-off, in BullMQ's `retryJobs` as in `job.retry()`.
 *
 * @param queues the queues as they are known at the moment of the call
 */
export function openFailedSet(queues: () => Promise<readonly Queue[]>, redis: Redis): FailedSet {
  /** What a question gives for each queue that has failed jobs in this range at all. */
  const each = async <T>(ask: (queue: Queue, key: string) => Promise<T>): Promise<T[]> =>
    asked(Promise.all((await queues()).map((queue) => ask(queue, queue.toKey('failed')))));

  const oldest = async (until: FailedAt, limit: number): Promise<Failed[]> => {
    const found = await each(async (queue, key) => {
      const flat = await redis.zrange(key, '-inf', until, 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES');
      return pairs(flat).map(([id, score]): Failed => ({ queue, id, at: Number(score) }));
    });
    const sorted = found.flat().sort((one, other) => one.at - other.at);
    return limit < 0 ? sorted : sorted.slice(0, limit);
  };

  /** The queues' own ids among these, by queue. */
  const byQueue = async (ids: readonly string[]): Promise<{ queue: Queue; ids: string[] }[]> =>
    (await queues()).flatMap((queue) => {
      const start = `${queue.name}:`;
      const own = ids.filter((id) => id.startsWith(start)).map((id) => id.slice(start.length));
      return own.length > 0 ? [{ queue, ids: own }] : [];
    });

  return {
    newest: async () => {
      const last = await each((_, key) => redis.zrange(key, -1, -1, 'WITHSCORES'));
      const times = last.flatMap(([, score]) => (score === undefined ? [] : [Number(score)]));
      return times.length > 0 ? Math.max(...times) : undefined;
    },
    count: async ({ since, until }) => {
      const counts = await each((_, key) =>
        redis.zcount(key, since === undefined ? '-inf' : `(${since}`, until ?? '+inf'),
      );
      return sum(counts);
    },
    ids: async (until) => (await oldest(until, -1)).map(({ queue, id }) => `${queue.name}:${id}`),
    details: async (ids) => {
      const parts = await byQueue(ids);
      return (
        await Promise.all(parts.map((part) => readDetails(part.queue, redis, 'failed', part.ids)))
      ).flat();
    },
    retryOldest: async (until, limit) => {
      // When the job gave up that stands last among the oldest.
      const timestamp = (await oldest(until, limit)).at(-1)?.at;
      if (timestamp === undefined) return 0;
      const moved = await each(async (queue, key) => {
        const own = await redis.zcount(key, '-inf', timestamp);
        // `count` bounds one script call; retryJobs repeats it while a call moves that many, hence one more than needed.
        const count = Math.min(own, limit) + 1;
        if (own > 0) await queue.retryJobs({ state: 'failed', count, timestamp });
        return own;
      });
      return sum(moved);
    },
    retryEach: async (ids) => {
      const parts = await byQueue(ids);
      const retried = parts.flatMap((part) => part.ids.map((id) => retryOne(part.queue, id)));
      return (await asked(Promise.all(retried))).filter(Boolean).length;
    },
    outcome: async (ids) => {
      const parts = await byQueue(ids);
      const asking = parts.flatMap(({ queue, ids: own }) => own.map((id) => queue.getJobState(id)));
      const states = await asked(Promise.all(asking));
      const among = (...wanted: string[]) => states.filter((state) => wanted.includes(state)).length;
      return { pending: among('waiting', 'active', 'prioritized'), failed: among('failed', 'delayed') };
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

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** Members and scores of an answer `WITHSCORES`. */
function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']);
}
