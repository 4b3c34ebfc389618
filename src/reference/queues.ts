import { type IRedisTransaction, type JobJson, Queue, type RedisClient, Scripts } from 'bullmq';
import type { SharedEnv } from './env.ts';
import type { EventType } from './events.ts';
import type { Logger } from './log.ts';
import { connectProducer } from './redis.ts';

export const INGESTION_QUEUE = 'ingestion-queue';
export const SECONDARY_INGESTION_QUEUE = 'secondary-ingestion-queue';
export const TRACE_UPSERT_QUEUE = 'trace-upsert';
export const INGESTION_JOB = 'ingestion-job';
export const TRACE_UPSERT_JOB = 'trace-upsert';

/** Delay of the first retry, milliseconds; each further one is twice the one before. */
const FIRST_RETRY = 5000;

/** Who sends, as web found out from the key. */
export interface Scope {
  readonly projectId: string;
  /** `scores` for a bearer public key, which may write scores only. */
  readonly accessLevel: 'all' | 'scores';
  readonly orgId: string;
  readonly plan: string;
  readonly rateLimitOverrides: readonly unknown[];
}

/** Data of an ingestion job: one entity of one request. */
export interface IngestionJob {
  readonly id: string;
  readonly timestamp: Date | string;
  readonly name: typeof INGESTION_JOB;
  readonly payload: {
    readonly data: {
      readonly type: EventType;
      readonly eventBodyId: string;
      /** Id of the first event of the request's object, which is the object's name; jobs added by hand may lack it. */
      readonly fileKey?: string;
    };
    readonly authCheck: { readonly validKey: true; readonly scope: Scope };
  };
}

/** Data of the job that follows each trace; in Langfuse it starts evaluations, here nobody consumes it. */
export interface TraceUpsertJob {
  readonly id: string;
  readonly timestamp: Date;
  readonly name: typeof TRACE_UPSERT_JOB;
  readonly payload: { readonly projectId: string; readonly traceId: string };
}

/** What {@link createQueue} needs to make a queue. */
export interface QueueContext {
  readonly env: SharedEnv;
  readonly log: Logger;
}

/** The producer's side of an ingestion queue, with Langfuse's job options (ingestionQueue.ts at v3.36.0). */
export function ingestionQueue(
  context: QueueContext,
  name: typeof INGESTION_QUEUE | typeof SECONDARY_INGESTION_QUEUE = INGESTION_QUEUE,
): Queue<IngestionJob> {
  const queue = createQueue<IngestionJob>(context, name, { removeOnComplete: true });
  // The worker names no delay when it sends a job on to the secondary queue, whereas web always does.
  if (name === INGESTION_QUEUE) queue.scripts = new DelayedAtFirst(queue);
  return queue;
}

/**
 * BullMQ 5.34.10, which Langfuse 3.36.0 ships, takes a delay of 0 ms for a delay: each job begins in the set of the delayed ones, and the first
 * worker that looks moves it on. Later versions of BullMQ put it where the waiting ones are.
 */
class DelayedAtFirst extends Scripts {
  protected override addStandardJob(
    client: RedisClient | IRedisTransaction,
    job: JobJson,
    encodedOpts: unknown,
    args: (string | number | Record<string, unknown>)[],
  ): Promise<string | number> {
    return this.addDelayedJob(client, job, encodedOpts, args);
  }
}

/** The producer's side of the queue that follows each trace (traceUpsert.ts at v3.36.0). */
export function traceUpsertQueue(context: QueueContext): Queue<TraceUpsertJob> {
  return createQueue<TraceUpsertJob>(context, TRACE_UPSERT_QUEUE, { removeOnComplete: 100, delay: 15_000 });
}

function createQueue<Data>(
  { env, log }: QueueContext,
  name: string,
  options: { removeOnComplete: boolean | number; delay?: number },
): Queue<Data> {
  const queue = new Queue<Data>(name, {
    connection: connectProducer(env, log),
    defaultJobOptions: {
      removeOnFail: env.REFERENCE_FAILED_JOBS_KEPT,
      attempts: 5,
      backoff: { type: 'exponential', delay: Math.round(FIRST_RETRY * env.REFERENCE_BACKOFF_SCALE) },
      ...options,
    },
  });
  queue.on('error', (error) => log.error({ err: error }, `${name} error`));
  return queue;
}
