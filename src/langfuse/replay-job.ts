import { createHash, randomUUID } from 'node:crypto';
import type { JobsOptions } from 'bullmq';
import type { EntityKey, EventType } from './events.ts';
import type { IngestionQueueName, Profile } from './profile.ts';

/** An entity to be processed again from all its objects in S3. */
export interface EntityReplay {
  readonly entity: EntityKey;
  /** Type of the entity's first event; it tells the worker which kind of entity it is. */
  readonly type: EventType;
  /** Where its objects lie: the whole of their keys up to the last `/`, that included. */
  readonly folder: string;
}

/** An object of spans to be processed again. */
export interface SpansReplay {
  /** Its whole key. */
  readonly object: string;
}

/** Something to be processed again from S3. */
export type ReplayJob = EntityReplay | SpansReplay;

/** Options that Langfuse gives its own jobs, apart from their attempts (`packages/shared/src/server/redis/ingestionQueue.ts` from v3.36.0 to v4.16.0). */
const LANGFUSE_JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: 100_000,
  backoff: { type: 'exponential', delay: 5000 },
} as const satisfies JobsOptions;

/** A job as it is added to a queue. */
export interface JobToAdd {
  readonly queue: IngestionQueueName;
  /** What the shard is chosen by. */
  readonly shardingKey: string;
  readonly name: string;
  readonly data: object;
  readonly opts: JobsOptions;
}

/**
 * A job as the web of this version makes it (`processEventBatch.ts`, `OtelIngestionProcessor.ts`; schemas in `queues.ts`), with three
 * differences. One of an entity has no `fileKey`: with it the worker's cache of lately seen events
 * (`LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE`) may skip the job. Of the scope there is only what the schema asks for. And what
 * came in the headers of a request with spans (`sdkName`, `ingestionVersion`) is in no object, so it is left out, as
 * Langfuse's own replay does.
 */
export function replayJob(profile: Profile, projectId: string, replay: ReplayJob): JobToAdd {
  if ('object' in replay) {
    const payload = {
      data: { fileKey: replay.object },
      authCheck: { validKey: true, scope: { projectId, accessLevel: 'project' } },
    };
    return job(
      profile,
      'otel-ingestion-queue',
      'otel-ingestion-job',
      `${projectId}-${replay.object}`,
      payload,
    );
  }
  const { entity, type, folder } = replay;
  const eventBodyId = entity.slice(entity.indexOf('/') + 1);
  const payload = {
    data: { type, eventBodyId, ...(profile.jobsNameFolder ? { bucketPrefix: folder } : {}) },
    authCheck: { validKey: true, scope: { projectId, accessLevel: profile.accessLevel } },
  };
  return job(profile, 'ingestion-queue', 'ingestion-job', `${projectId}-${eventBodyId}`, payload);
}

function job(
  profile: Profile,
  queue: IngestionQueueName,
  name: string,
  shardingKey: string,
  payload: object,
): JobToAdd {
  return {
    queue,
    shardingKey,
    name,
    data: { id: randomUUID(), timestamp: new Date().toISOString(), name, payload },
    opts: { ...LANGFUSE_JOB_OPTIONS, attempts: profile.queues[queue]?.attempts ?? 5 },
  };
}

/** The shard that Langfuse chooses among so many (`packages/shared/src/server/redis/sharding.ts` from v3.70.0 on). */
export function shardFor(shardingKey: string, shards: number): number {
  const hash = createHash('sha256').update(shardingKey).digest('hex');
  return shards <= 1 ? 0 : Number.parseInt(hash.slice(0, 8), 16) % shards;
}
