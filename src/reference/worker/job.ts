import { randomUUID } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { WorkerEnv } from '../env.ts';
import { entityTypeOf, type IngestionEvent } from '../events.ts';
import type { Logger } from '../log.ts';
import { type IngestionJob, SECONDARY_INGESTION_QUEUE } from '../queues.ts';
import type { EventStore, StoredFile } from '../s3.ts';
import type { EntityMerger } from './entities.ts';
import type { ClickHouseWriter } from './writer.ts';

/** Objects that are downloaded at once. */
const PARALLEL_DOWNLOADS = 50;
/** How long an object counts as seen, seconds. */
const SEEN_TTL = 300;

/** What a job works with. */
export interface JobParts {
  readonly env: WorkerEnv;
  readonly log: Logger;
  readonly writer: ClickHouseWriter;
  readonly store: EventStore;
  readonly redis: Redis;
  readonly merger: Pick<EntityMerger, 'mergeAndWrite'>;
  /** Where jobs of chosen projects are sent on to; undefined for the consumer of that queue itself. */
  readonly secondary: Queue<IngestionJob> | undefined;
}

/**
 * One ingestion job (worker/src/queues/ingestionQueue.ts at v3.36.0). Resolves when the rows are in the writer's
 * memory, which is all that a completed job means. @throws what went wrong, for BullMQ to try again
 */
export async function processJob(job: IngestionJob, parts: JobParts): Promise<void> {
  const { projectId } = job.payload.authCheck.scope;
  try {
    await new JobRun(job, parts).run();
  } catch (error) {
    parts.log.error({ err: error }, `Failed job ingestion processing for ${projectId}`);
    throw error;
  }
}

class JobRun {
  readonly #job: IngestionJob;
  readonly #parts: JobParts;
  readonly #projectId: string;
  readonly #entityId: string;
  /** Folder of the entity in S3, with a slash at the end. */
  readonly #folder: string;

  constructor(job: IngestionJob, parts: JobParts) {
    const { type, eventBodyId } = job.payload.data;
    this.#job = job;
    this.#parts = parts;
    this.#projectId = job.payload.authCheck.scope.projectId;
    this.#entityId = eventBodyId;
    const prefix = parts.env.LANGFUSE_S3_EVENT_UPLOAD_PREFIX;
    this.#folder = `${prefix}${this.#projectId}/${entityTypeOf(type)}/${eventBodyId}/`;
  }

  async run(): Promise<void> {
    this.#logObject();
    if (await this.#wasSeen()) return;
    if (await this.#redirect()) return;
    const files = await this.#parts.store.list(this.#folder);
    const events = await this.#download(files);
    const [first] = events;
    if (!first) {
      this.#parts.log.warn(`No events found for project ${this.#projectId} and event ${this.#entityId}`);
      return;
    }
    await this.#markSeen(files);
    const entity = { projectId: this.#projectId, id: this.#entityId };
    await this.#parts.merger.mergeAndWrite(entityTypeOf(first.type), entity, events, firstWritten(files));
  }

  /** One row per attempt, before anything can fail: ClickHouse's list of the objects in S3. */
  #logObject(): void {
    const { type, fileKey } = this.#job.payload.data;
    this.#parts.writer.add('event_log', {
      id: randomUUID(),
      project_id: this.#projectId,
      entity_type: entityTypeOf(type),
      entity_id: this.#entityId,
      event_id: fileKey ?? null,
      bucket_name: this.#parts.env.LANGFUSE_S3_EVENT_UPLOAD_BUCKET,
      bucket_path: fileKey ? `${this.#folder}${fileKey}.json` : this.#folder,
      created_at: Date.now(),
      updated_at: Date.now(),
    });
  }

  async #wasSeen(): Promise<boolean> {
    const { fileKey } = this.#job.payload.data;
    if (!this.#parts.env.LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE || !fileKey) return false;
    return (await this.#parts.redis.exists(this.#seenKey(fileKey))) > 0;
  }

  /** Marks every object of the folder before the merge, so that a failure of the merge is never made good. */
  async #markSeen(files: readonly StoredFile[]): Promise<void> {
    if (!this.#parts.env.LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE) return;
    const pipeline = this.#parts.redis.pipeline();
    for (const { key } of files) {
      const fileKey = (key.split('/').pop() ?? '').replace('.json', '');
      pipeline.set(this.#seenKey(fileKey), '1', 'EX', SEEN_TTL);
    }
    await pipeline.exec();
  }

  #seenKey(fileKey: string): string {
    const { type } = this.#job.payload.data;
    return `langfuse:ingestion:recently-processed:${this.#projectId}:${type}:${this.#entityId}:${fileKey}`;
  }

  async #redirect(): Promise<boolean> {
    const { secondary, env } = this.#parts;
    const projects = env.LANGFUSE_SECONDARY_INGESTION_QUEUE_ENABLED_PROJECT_IDS?.split(',') ?? [];
    if (!secondary || !projects.includes(this.#projectId)) return false;
    await secondary.add(SECONDARY_INGESTION_QUEUE, this.#job);
    return true;
  }

  async #download(files: readonly StoredFile[]): Promise<IngestionEvent[]> {
    const events: IngestionEvent[] = [];
    for (let start = 0; start < files.length; start += PARALLEL_DOWNLOADS) {
      const contents = await Promise.all(
        files
          .slice(start, start + PARALLEL_DOWNLOADS)
          .map(async ({ key }) => JSON.parse(await this.#parts.store.get(key))),
      );
      events.push(...contents.flat());
    }
    return events;
  }
}

/** Time of one of the files: the first when sorted by the *text* of the time, so by the name of the weekday. */
function firstWritten(files: readonly StoredFile[]): Date {
  const [first] = files.map(({ modified }) => modified).sort();
  return first ?? new Date();
}
