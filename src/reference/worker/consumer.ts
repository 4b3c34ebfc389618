import { type Processor, type Queue, Worker } from 'bullmq';
import type { WorkerEnv } from '../env.ts';
import type { Logger } from '../log.ts';
import type { IngestionJob } from '../queues.ts';
import { connectRedis, queueReconnect } from '../redis.ts';

/** BullMQ's own defaults, which Langfuse leaves as they are, milliseconds. */
const LOCK_DURATION = 30_000;
const STALLED_INTERVAL = 30_000;
/** A shorter lock would expire under a busy worker, and a running job would count as stalled. */
const SHORTEST_LOCK = 5000;

/**
 * Consumes one queue. After each job the queue is counted, for a metric in Langfuse; what matters is that a failure
 * of that count fails the finished job (worker/src/queues/workerManager.ts at v3.36.0).
 */
export function consume(
  queue: Queue<IngestionJob>,
  process: (job: IngestionJob) => Promise<void>,
  { env, log, concurrency }: { env: WorkerEnv; log: Logger; concurrency: number },
): Worker<IngestionJob> {
  const processor: Processor<IngestionJob> = async (job) => {
    await process(job.data);
    await queue.count();
  };
  const scale = env.REFERENCE_BACKOFF_SCALE;
  const worker = new Worker<IngestionJob>(queue.name, processor, {
    connection: connectRedis(env, log, queueReconnect(log)),
    concurrency,
    lockDuration: Math.max(SHORTEST_LOCK, LOCK_DURATION * scale),
    stalledInterval: Math.max(1, Math.round(STALLED_INTERVAL * scale)),
  });
  worker.on('failed', (job, error) => {
    log.error({ err: error }, `Queue job ${job?.name} with id ${job?.id} in ${queue.name} failed`);
  });
  worker.on('error', (error) => log.error({ err: error }, `Queue job ${queue.name} errored: ${error}`));
  log.info(`${queue.name} executor started`);
  return worker;
}
