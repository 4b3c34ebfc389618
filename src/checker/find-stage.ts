import type { EntityKey } from '../langfuse/events.ts';
import type { EntityEvent } from './entity-events.ts';
import type { Checkpoint } from './input.ts';
import type { Stage } from './verdict.ts';

/** What a checkpoint knows beside rows. */
export type StageSources = Pick<Checkpoint, 'jobs' | 's3' | 's3Marks'>;

/** Finds the last stage of the pipeline that still holds a copy of a missing event. */
export class StageFinder {
  readonly #s3: StageSources['s3'];
  readonly #marks: StageSources['s3Marks'];
  readonly #jobs: StageSources['jobs'];
  #index: Map<EntityKey, { queued: boolean; failed: boolean }> | undefined;

  constructor({ jobs, s3, s3Marks }: StageSources) {
    this.#jobs = jobs;
    this.#s3 = s3;
    this.#marks = s3Marks;
  }

  /** A job holds no copy itself, it only names the entity: without the event in S3 it brings nothing back. */
  find(entity: EntityKey, event: EntityEvent, siblings: readonly EntityEvent[], isHidden: boolean): Stage {
    if (isHidden) return 'clickhouse-hidden';
    const inS3 = Object.hasOwn(this.#s3, entity) ? (this.#s3[entity] ?? []) : [];
    if (!isAmong(inS3, event, siblings) || this.#isOverwritten(entity, event, siblings)) return 'not-in-s3';
    const jobs = this.#jobsOf(entity);
    if (jobs?.failed) return 'failed-set';
    return jobs?.queued ? 'queued' : 's3-only';
  }

  /** Of several events under one id, S3 may hold another than this. */
  #isOverwritten(entity: EntityKey, event: EntityEvent, siblings: readonly EntityEvent[]): boolean {
    const marks = this.#marks?.[entity];
    if (event.mark === undefined || !marks) return false;
    const isShared = siblings.some((other) => other !== event && other.event.id === event.event.id);
    return isShared && !marks.includes(event.mark);
  }

  #jobsOf(entity: EntityKey) {
    if (!this.#index) {
      this.#index = new Map();
      for (const job of this.#jobs) {
        const known = this.#index.get(job.entity) ?? { queued: false, failed: false };
        if (job.state === 'failed') known.failed = true;
        else known.queued = true;
        this.#index.set(job.entity, known);
      }
    }
    return this.#index.get(entity);
  }
}

/** An event whose envelope the target made has an id that nobody knows: any id that is no other event's may be its. */
function isAmong(inS3: readonly string[], event: EntityEvent, siblings: readonly EntityEvent[]): boolean {
  if (!event.envelopeByTarget) return inS3.includes(event.event.id);
  const known = new Set(siblings.filter((other) => !other.envelopeByTarget).map(({ event: { id } }) => id));
  return inS3.some((id) => !known.has(id));
}
