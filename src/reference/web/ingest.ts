import { randomUUID } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { Plant } from '../defects/plant.ts';
import { plantInAnswer, plantInQueue } from '../defects/web.ts';
import type { WebEnv } from '../env.ts';
import { entityTypeOf } from '../events.ts';
import type { Logger } from '../log.ts';
import { INGESTION_JOB, type IngestionJob, ingestionQueue, type Scope } from '../queues.ts';
import type { EventStore } from '../s3.ts';
import { type BatchResult, batchResult, type EntityGroup, groupByEntity, readBatch } from './batch.ts';

/** Longest delay outside the minutes around midnight, milliseconds. */
const LONGEST_DELAY = 5000;

/**
 * Takes a batch in: objects to S3, then jobs to Redis, then the answer
 * (packages/shared/src/server/ingestion/processEventBatch.ts at v3.36.0). ClickHouse is not touched. A failure on
 * the way leaves behind what was written before it.
 */
export class Ingester {
  readonly #env: WebEnv;
  readonly #store: Pick<EventStore, 'put'>;
  readonly #log: Logger;
  readonly #plant: Plant | undefined;
  #queue: Pick<Queue<IngestionJob>, 'add'> | undefined;

  constructor(env: WebEnv, store: Pick<EventStore, 'put'>, log: Logger, plant?: Plant) {
    this.#env = env;
    this.#store = store;
    this.#log = log;
    this.#plant = plant;
  }

  /**
   * @param delay milliseconds before the jobs may start; by the time of day unless given
   * @throws Error whose message is shown to the client
   */
  async ingest(input: readonly unknown[], scope: Scope, delay?: number): Promise<BatchResult> {
    const batch = readBatch(input, scope);
    for (const event of batch.logs) this.#log.info({ event: event.id }, 'SDK Log Event');
    const groups = groupByEntity(batch.events);
    await this.#upload(groups, scope);
    await this.#enqueue(
      groups,
      scope,
      delay ?? jobDelay(new Date(), this.#env.LANGFUSE_INGESTION_QUEUE_DELAY_MS),
    );
    const result = plantInAnswer(batchResult(batch), batch.events, this.#plant);
    if (result.errors.length > 0) this.#log.error({ errors: result.errors }, 'Error processing events');
    return result;
  }

  /** Writes all objects at once; one failure fails the request, and the others stay. */
  async #upload(groups: readonly EntityGroup[], scope: Scope): Promise<void> {
    const results = await Promise.allSettled(
      groups.map(({ type, entityId, key, events }) =>
        this.#store.put(
          `${this.#env.LANGFUSE_S3_EVENT_UPLOAD_PREFIX}${scope.projectId}/${entityTypeOf(type)}/${entityId}/${key}.json`,
          events,
        ),
      ),
    );
    if (results.some(({ status }) => status === 'rejected')) {
      throw new Error('Failed to upload events to blob storage, aborting event processing');
    }
  }

  async #enqueue(groups: readonly EntityGroup[], scope: Scope, delay: number): Promise<void> {
    // Connected at the first use: a process that never reached Redis before waits for it instead of failing.
    this.#queue ??= plantInQueue(ingestionQueue({ env: this.#env, log: this.#log }), this.#plant);
    const queue = this.#queue;
    await Promise.all(
      groups.map(({ type, entityId, key }) =>
        queue.add(
          INGESTION_JOB,
          {
            id: randomUUID(),
            timestamp: new Date(),
            name: INGESTION_JOB,
            payload: {
              data: { type, eventBodyId: entityId, fileKey: key },
              authCheck: { validKey: true, scope },
            },
          },
          { delay },
        ),
      ),
    );
  }
}

/**
 * How long the jobs of a request wait, milliseconds: the whole `configured` time from 23:45 to 00:15 UTC, so that
 * events of one entity on both sides of midnight are merged; at most 5 s otherwise.
 */
export function jobDelay(now: Date, configured: number): number {
  const minutes = now.getUTCHours() * 60 + now.getUTCMinutes();
  const aroundMidnight = minutes >= 23 * 60 + 45 || minutes <= 15;
  return aroundMidnight ? configured : Math.min(LONGEST_DELAY, configured);
}
