import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { INGESTION_QUEUE, openIngestionQueue } from '../src/langfuse/queue.ts';
import { retryFailedJobs } from '../src/recovery/retry-failed.ts';
import { failWaiting, fillFailedSet } from '../test/support/ingestion-jobs.ts';
import { startRedisServer } from '../test/support/redis-server.ts';

/** What the benchmark measured; jobs a second. */
export interface RetryFigures {
  readonly jobs: number;
  /** BullMQ's `queue.retryJobs()` alone. */
  readonly bare: number;
  /** The recovery step, its checks included. */
  readonly step: number;
  /** `step / bare`; the floor is 0.5. */
  readonly ratio: number;
}

const ROUNDS = 5;

/**
 * Retries 100,000 failed jobs with BullMQ's bare `retryJobs` and with the recovery step, in turns on one Redis server;
 * the best of five rounds counts for each. No worker runs, so the step may fill the queue and tries no jobs first.
 */
export async function benchRetry(jobs = 100_000): Promise<RetryFigures> {
  await using server = await startRedisServer();
  await fillFailedSet(server.url, jobs);
  const bare: number[] = [];
  const step: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await timed(server.url, jobs, () => retryBare(server.url)));
    step.push(await timed(server.url, jobs, () => retryByStep(server.url, jobs)));
  }
  const best = (milliseconds: number[]) => jobs / (Math.min(...milliseconds) / 1000);
  return { jobs, bare: best(bare), step: best(step), ratio: best(step) / best(bare) };
}

/** Milliseconds that `retry` takes to empty the failed set; fails the jobs again afterwards. Throws when one is left over or lost. */
async function timed(url: string, jobs: number, retry: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await retry();
  const took = performance.now() - start;
  await using queue = await openIngestionQueue({ url });
  const { failed, waiting } = await queue.depths();
  if (failed !== 0 || waiting !== jobs)
    throw new Error(`${failed} failed and ${waiting} waiting after the retry`);
  await failWaiting(url);
  return took;
}

async function retryBare(url: string): Promise<void> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(INGESTION_QUEUE, { connection });
  await queue.retryJobs({ state: 'failed' });
  await queue.close();
  connection.disconnect();
}

async function retryByStep(url: string, jobs: number): Promise<void> {
  await using queue = await openIngestionQueue({ url });
  const tables = { answers: async () => true };
  const { skipped } = await retryFailedJobs({ queue, tables, maxQueued: jobs, tryFirst: false });
  if (skipped.length > 0) throw new Error(`skipped: ${JSON.stringify(skipped)}`);
}

if (import.meta.main) {
  const { jobs, bare, step, ratio } = await benchRetry();
  const perSecond = (value: number) => Math.round(value).toLocaleString('en');
  console.log(
    `retry of ${jobs.toLocaleString('en')} failed jobs: ${perSecond(step)}/s, bare retryJobs ${perSecond(bare)}/s, ratio ${ratio.toFixed(2)} (floor 0.50)`,
  );
}
