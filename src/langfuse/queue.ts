import { randomUUID } from 'node:crypto';
import { type JobsOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { QueueDepths } from '../history/run-record.ts';
import type { Access } from './access.ts';
import type { EntityKey, EventType } from './events.ts';
import { type FailedSet, openFailedSet } from './failed-set.ts';
import { type QueuedJob, readJobs } from './queued-jobs.ts';

/** Name of the queue that the web fills and the worker empties (`packages/shared/src/server/queues.ts` at v3.36.0). */
export const INGESTION_QUEUE = 'ingestion-queue';

/** Name of every job in it. */
const INGESTION_JOB = 'ingestion-job';

/** Options that Langfuse gives its own jobs (`packages/shared/src/server/redis/ingestionQueue.ts` at v3.36.0). */
const LANGFUSE_JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: 100_000,
  attempts: 5,
  backoff: { type: 'exponential', delay: 5000 },
} as const satisfies JobsOptions;

/** Jobs added in one round trip. */
const ADD_SLICE = 500;

/** Milliseconds that Redis has for the connection and for each command. */
const CONNECT_TIMEOUT_MS = 3000;
const COMMAND_TIMEOUT_MS = 10_000;

/** An entity to be processed again from all its objects in S3. */
export interface ReplayJob {
  readonly entity: EntityKey;
  /** Type of the entity's first event; it tells the worker which S3 folder to read. */
  readonly type: EventType;
}

/** Langfuse's ingestion queue, seen from outside. Every method throws {@link ChaosError} `E_REDIS` when Redis can't be asked. */
export interface IngestionQueue extends AsyncDisposable {
  /** Jobs by state; `waiting` includes those that wait in a paused queue or with a priority. */
  depths(): Promise<QueueDepths>;
  /** Every job that is waiting, active, delayed or failed at the moment of the call; see {@link readJobs}. */
  jobs(): AsyncIterable<QueuedJob>;
  readonly failed: FailedSet;
  /**
   * Adds one job per entity, as the web would, but with no `fileKey`: with it the worker's cache of lately seen
   * events (`LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE`) may skip the job.
   */
  addReplayJobs(projectId: string, jobs: readonly ReplayJob[]): Promise<void>;
}

/**
 * Opens the ingestion queue.
 *
 * A lost connection comes back by itself, but no command waits for it: each fails at once, or after 10 s when
 * Redis is there and silent, and none is sent twice (ioredis would queue and re-send them for ever otherwise).
 *
 * @param access where Redis is; the URL holds the password and never appears in an error
 * @throws ChaosError `E_REDIS` when Redis does not answer within 3 s or refuses the password
 */
export async function openIngestionQueue(access: Access['redis']): Promise<IngestionQueue> {
  const redis = await connect(access.url);
  // skipMetasUpdate: the queue is Langfuse's; its own settings in Redis stay as they are.
  const queue = new Queue(INGESTION_QUEUE, { connection: redis, skipMetasUpdate: true });
  queue.on('error', () => {
    // The call that meets the error reports it.
  });
  try {
    await asked(queue.waitUntilReady());
  } catch (error) {
    redis.disconnect();
    throw error;
  }

  return {
    depths: () => asked(readDepths(queue)),
    jobs: () => readJobs(queue, redis, asked),
    failed: openFailedSet(queue, redis, asked),
    addReplayJobs: async (projectId, jobs) => {
      for (let at = 0; at < jobs.length; at += ADD_SLICE) {
        const slice = jobs.slice(at, at + ADD_SLICE).map((job) => jobOf(projectId, job));
        await asked(queue.addBulk(slice));
      }
    },
    [Symbol.asyncDispose]: async () => {
      await queue.close().catch(() => {});
      redis.disconnect();
    },
  };
}

/**
 * A connection on which every command is sent once and fails at once when Redis is away.
 *
 * @throws ChaosError `E_REDIS` when Redis does not answer within 3 s or refuses the password
 */
export async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // 0 rejects what is in flight the moment the connection closes.
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, 1000),
  });
  let lastError: unknown;
  redis.on('error', (error) => {
    lastError = error;
  });
  // A server that accepts and stays silent would hold up ioredis for several command time-outs.
  const tooLate = setTimeout(() => redis.disconnect(), CONNECT_TIMEOUT_MS);
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw redisError(lastError ?? error);
  } finally {
    clearTimeout(tooLate);
  }
}

async function readDepths(queue: Queue): Promise<QueueDepths> {
  const counts = await queue.getJobCounts('waiting', 'paused', 'prioritized', 'active', 'delayed', 'failed');
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('waiting') + of('paused') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    failed: of('failed'),
  };
}

/** A job as `processEventBatch.ts` at v3.36.0 makes it; of the scope only what `IngestionEvent` in `queues.ts` asks for. */
function jobOf(projectId: string, { entity, type }: ReplayJob) {
  return {
    name: INGESTION_JOB,
    data: {
      id: randomUUID(),
      timestamp: new Date().toISOString(),
      name: INGESTION_JOB,
      payload: {
        data: { type, eventBodyId: entity.slice(entity.indexOf('/') + 1) },
        authCheck: { validKey: true, scope: { projectId, accessLevel: 'all' } },
      },
    },
    opts: LANGFUSE_JOB_OPTIONS,
  };
}

/** Awaits an answer of Redis; what goes wrong becomes the one error that the harness shows. @throws ChaosError `E_REDIS` */
export async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ChaosError ? error : redisError(error);
  }
}

function redisError(cause: unknown): ChaosError {
  return new ChaosError({
    code: 'E_REDIS',
    happened: `Redis could not be asked about the ingestion queue: ${messageOf(cause).replace(/\.$/, '')}.`,
    expected: `a connection within ${CONNECT_TIMEOUT_MS / 1000} s and an answer within ${COMMAND_TIMEOUT_MS / 1000} s`,
    remedy: 'see whether Redis runs and takes this password; the queue is asked again with the next call.',
    cause,
  });
}
