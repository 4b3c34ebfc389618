import type { WebEnv } from '../env.ts';
import { invalidRequest, PostgresError, unavailable } from '../errors.ts';
import { entityTypeOf, type IngestionEvent } from '../events.ts';
import type { Logger } from '../log.ts';
import type { Postgres } from '../postgres.ts';
import type { Scope } from '../queues.ts';
import type { EventStore } from '../s3.ts';
import { folderOf, newName } from '../safe-keys.ts';
import { within } from '../safe-patience.ts';
import type { JobToAdd } from '../safe-queue.ts';
import { checkScoreConfig } from '../worker/lookups.ts';
import { type BatchResult, batchResult, groupByEntity, type ReadBatch, readBatch } from './batch.ts';
import { jobDelay } from './ingest.ts';
import { whyUnstorable } from './safe-door.ts';

/** Milliseconds that taking a batch in may last as a whole. */
const TIME_LIMIT = 8000;

/** What taking in works with. */
export interface SafeIngesterParts {
  readonly env: WebEnv;
  readonly log: Logger;
  readonly store: Pick<EventStore, 'putConfirmed'>;
  readonly queue: { add(jobs: readonly JobToAdd[]): Promise<void> };
  readonly postgres: Postgres;
}

/**
 * Takes a batch in, as the one of Langfuse does, but acknowledges nothing that is not in S3 **and** in the queue: what
 * could never be stored is refused event by event, and where S3, Redis or Postgres fails or is slow the answer is 503. What was
 * written before that may land, which a client that sends the same again does no harm by.
 */
export class SafeIngester {
  readonly #parts: SafeIngesterParts;

  constructor(parts: SafeIngesterParts) {
    this.#parts = parts;
  }

  /**
   * @param delay milliseconds before the jobs may start; by the time of day unless given
   * @throws ApiError 503
   */
  async ingest(input: readonly unknown[], scope: Scope, delay?: number): Promise<BatchResult> {
    const batch = readBatch(input, scope);
    for (const event of batch.logs) this.#parts.log.info({ event: event.id }, 'SDK Log Event');
    try {
      return await within(TIME_LIMIT, 'storing the events', this.#take(batch, scope, delay));
    } catch (error) {
      this.#parts.log.error({ err: error }, 'Events were not taken');
      throw unavailable(error instanceof PostgresError ? 'Postgres is not available' : textOf(error));
    }
  }

  async #take(batch: ReadBatch, scope: Scope, delay: number | undefined): Promise<BatchResult> {
    const { env, store, queue } = this.#parts;
    const checked = await this.#check(batch, scope);
    const wait = delay ?? jobDelay(new Date(), env.LANGFUSE_INGESTION_QUEUE_DELAY_MS);
    const groups = groupByEntity(checked.events).map((group) => ({ ...group, object: newName() }));
    await Promise.all(
      groups.map(({ type, entityId, object, events }) => {
        const folder = folderOf(
          env.LANGFUSE_S3_EVENT_UPLOAD_PREFIX,
          scope.projectId,
          entityTypeOf(type),
          entityId,
        );
        return store.putConfirmed(`${folder}${object}.json`, events);
      }),
    );
    await queue.add(
      groups.map(({ type, entityId, object }) => ({
        scope,
        type,
        entityId,
        object,
        mayBeSkipped: true,
        delay: wait,
      })),
    );
    return batchResult(checked);
  }

  /** Moves the events that could not be stored to those that are refused. */
  async #check(batch: ReadBatch, scope: Scope): Promise<ReadBatch> {
    const events: IngestionEvent[] = [];
    const refused = [...batch.refused];
    for (const event of batch.events) {
      const fault = whyUnstorable(event) ?? (await this.#faultOfConfig(event, scope));
      if (fault === undefined) events.push(event);
      else refused.push({ id: event.id, error: invalidRequest(fault) });
    }
    return { ...batch, events, refused };
  }

  /** A score that its config does not allow would fail in the worker each time. @throws PostgresError */
  async #faultOfConfig(event: IngestionEvent, scope: Scope): Promise<string | undefined> {
    if (event.type !== 'score-create' || !event.body.configId) return undefined;
    try {
      await checkScoreConfig(this.#parts.postgres, scope.projectId, event);
      return undefined;
    } catch (error) {
      if (error instanceof PostgresError) throw error;
      return textOf(error);
    }
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
