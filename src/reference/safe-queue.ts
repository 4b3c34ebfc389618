import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { SharedEnv } from './env.ts';
import type { EventType } from './events.ts';
import type { Logger } from './log.ts';
import { INGESTION_JOB, INGESTION_QUEUE, type IngestionJob, type Scope } from './queues.ts';

/** Runs of a job before it is set aside as failed, and milliseconds between them, at scale 1. */
const ATTEMPTS = 12;
const RETRY_AFTER = 5000;

/** One job to be added. */
export interface JobToAdd {
  readonly scope: Scope;
  readonly type: EventType;
  readonly entityId: string;
  /** Name of the object in S3 that the job is for. */
  readonly object: string;
  /** Whether the job may be skipped when that object is known to have landed. */
  readonly mayBeSkipped: boolean;
  /** Milliseconds before it may start. */
  readonly delay: number;
}

/**
 * The producer's side of the ingestion queue. A job's id is the name of its object: however often it is added, by a
 * client that sends again, a connection that breaks or a sweep, it is in the queue once.
 */
export class SafeQueue {
  readonly queue: Queue<IngestionJob>;
  readonly #retryAfter: number;

  constructor(connection: Redis, env: SharedEnv, log: Logger) {
    this.#retryAfter = Math.round(RETRY_AFTER * env.REFERENCE_BACKOFF_SCALE);
    this.queue = new Queue<IngestionJob>(INGESTION_QUEUE, { connection });
    this.queue.on('error', (error) => log.error({ err: error }, `${INGESTION_QUEUE} error`));
  }

  /** Adds all of them or, if Redis does not take them, none. @throws Error of Redis */
  async add(jobs: readonly JobToAdd[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.queue.addBulk(
      jobs.map(({ scope, type, entityId, object, mayBeSkipped, delay }) => ({
        name: INGESTION_JOB,
        data: {
          id: object,
          timestamp: new Date(),
          name: INGESTION_JOB,
          payload: {
            data: { type, eventBodyId: entityId, ...(mayBeSkipped ? { fileKey: object } : {}) },
            authCheck: { validKey: true, scope },
          },
        },
        opts: {
          jobId: object,
          delay,
          attempts: ATTEMPTS,
          backoff: { type: 'fixed', delay: this.#retryAfter },
          removeOnComplete: true,
          removeOnFail: false,
        },
      })),
    );
  }
}
