import { type Processor, WaitingError, Worker } from 'bullmq';
import type { WorkerEnv } from '../env.ts';
import type { Logger } from '../log.ts';
import type { IngestionJob } from '../queues.ts';
import { connectConsumer } from '../safe-redis.ts';

/** Milliseconds at scale 1: how long a job of a worker that is gone stays locked, and how often it is looked for. */
const LOCK_DURATION = 30_000;
const STALLED_INTERVAL = 10_000;
/** A shorter lock would expire under a busy worker. */
const SHORTEST_LOCK = 5000;
/** Jobs under way at a time. One waits until its rows are stored, so there have to be many for an insert to hold many rows. */
export const CONCURRENCY = 20;

/** What a consumer works with. */
export interface SafeConsumerParts {
  readonly env: WorkerEnv;
  readonly log: Logger;
  /** Aborts when the process can't wait for jobs any longer: they go back to the queue. */
  readonly signal: AbortSignal;
}

/** Consumes one queue. A job may stall any number of times; nothing but its own run makes it fail. */
export function consumeSafely(
  queue: string,
  process: (job: IngestionJob) => Promise<void>,
  { env, log, signal }: SafeConsumerParts,
): Worker<IngestionJob> {
  const processor: Processor<IngestionJob> = async (job, token) => {
    try {
      await process(job.data);
    } catch (error) {
      if (!signal.aborted) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
  const scale = env.REFERENCE_BACKOFF_SCALE;
  const worker = new Worker<IngestionJob>(queue, processor, {
    connection: connectConsumer(env, log),
    concurrency: CONCURRENCY,
    lockDuration: Math.max(SHORTEST_LOCK, LOCK_DURATION * scale),
    stalledInterval: Math.max(1000, Math.round(STALLED_INTERVAL * scale)),
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  worker.on('failed', (job, error) => log.error({ err: error }, `Job ${job?.id} in ${queue} failed`));
  worker.on('error', (error) => log.error({ err: error }, `Consumer of ${queue}`));
  return worker;
}
