import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type EntityKey, type EventType, entityKindOf } from './events.ts';
import { asked } from './redis.ts';

/** Where a job of an ingestion queue stands. */
export type JobState = 'waiting' | 'active' | 'delayed' | 'failed';

/** One job of an ingestion queue. */
export interface QueuedJob {
  /** The queue's name, `:`, and the job's id in it. */
  readonly id: string;
  readonly state: JobState;
  readonly projectId: string;
  /** The entity it is for; undefined of a job for spans, and when its data is not that of an ingestion job. */
  readonly entity: EntityKey | undefined;
  /** Key of the object with the spans that it is for. */
  readonly object?: string;
  /** Runs so far; how many a job has: `Profile.queues`. */
  readonly attemptsMade: number;
  /** Why the last run failed; of waiting and active jobs too, when they failed before. */
  readonly failedReason?: string;
}

/** Jobs whose details are read in one round trip. */
const SLICE = 1000;

/**
 * The jobs of a queue as they stood at one moment: the ids of all states are read in one transaction, so that a job that
 * moves on is neither missed nor seen twice; then the details, 1,000 at a time and without the stack traces
 * (100,000 failed jobs may carry 500 MB of them). A job that was finished and removed in between is left out.
 */
export async function* readJobs(queue: Queue, redis: Redis): AsyncGenerator<QueuedJob> {
  for (const [state, ids] of await readIds(queue, redis)) {
    for (let at = 0; at < ids.length; at += SLICE) {
      yield* await readDetails(queue, redis, state, ids.slice(at, at + SLICE));
    }
  }
}

/** The details of these jobs, in their order; those that are gone are left out. */
export async function readDetails(
  queue: Queue,
  redis: Redis,
  state: JobState,
  ids: readonly string[],
): Promise<QueuedJob[]> {
  const pipeline = redis.pipeline();
  // Fields of BullMQ 5's job hash; `atm` counts the attempts since 5.0 (`Job.fromJSON`).
  for (const id of ids) pipeline.hmget(queue.toKey(id), 'data', 'atm', 'failedReason');
  const answers = (await asked(pipeline.exec())) ?? [];
  const jobs: QueuedJob[] = [];
  for (const [index, [error, fields]] of answers.entries()) {
    if (error) await asked(Promise.reject(error));
    const [data, attempts, failedReason] = fields as (string | null)[];
    if (typeof data !== 'string') continue;
    jobs.push({
      id: `${queue.name}:${ids[index] ?? ''}`,
      state,
      ...subjectOf(data),
      attemptsMade: Number(attempts ?? 0),
      ...(failedReason ? { failedReason } : {}),
    });
  }
  return jobs;
}

async function readIds(queue: Queue, redis: Redis): Promise<[JobState, string[]][]> {
  const { wait, paused, prioritized, active, delayed, failed } = queue.keys as Record<string, string>;
  const answers = await asked(
    redis
      .multi()
      .lrange(wait ?? '', 0, -1)
      .lrange(paused ?? '', 0, -1)
      .zrange(prioritized ?? '', 0, -1)
      .lrange(active ?? '', 0, -1)
      .zrange(delayed ?? '', 0, -1)
      .zrange(failed ?? '', 0, -1)
      .exec(),
  );
  const states: JobState[] = ['waiting', 'waiting', 'waiting', 'active', 'delayed', 'failed'];
  const ids: [JobState, string[]][] = [];
  for (const [index, [error, answer]] of (answers ?? []).entries()) {
    if (error) await asked(Promise.reject(error));
    ids.push([states[index] ?? 'waiting', answer as string[]]);
  }
  return ids;
}

/** Project and entity, or object of spans, from the data of a job (`IngestionEvent`, `OtelIngestionEvent` in `packages/shared/src/server/queues.ts`, v3.36.0 to v4.16.0). */
export function subjectOf(data: string): Pick<QueuedJob, 'projectId' | 'entity' | 'object'> {
  let job: {
    payload?: {
      data?: { type?: unknown; eventBodyId?: unknown; fileKey?: unknown };
      authCheck?: { scope?: { projectId?: unknown } };
    };
  } | null;
  try {
    job = JSON.parse(data);
  } catch {
    return { projectId: '', entity: undefined };
  }
  const { type, eventBodyId, fileKey } = job?.payload?.data ?? {};
  const kind = typeof type === 'string' ? entityKindOf(type as EventType) : undefined;
  const projectId = job?.payload?.authCheck?.scope?.projectId;
  return {
    projectId: typeof projectId === 'string' ? projectId : '',
    entity:
      kind && typeof eventBodyId === 'string' && eventBodyId !== '' ? `${kind}/${eventBodyId}` : undefined,
    ...(type === undefined && typeof fileKey === 'string' ? { object: fileKey } : {}),
  };
}
