import type { EntityKey } from '../langfuse/events.ts';
import type { EntityEvent } from './entity-events.ts';
import type { Checkpoint } from './input.ts';
import type { Stage } from './verdict.ts';

/** What a checkpoint knows beside rows. */
export type StageSources = Pick<Checkpoint, 'jobs' | 's3'>;

/** Finds the last stage of the pipeline that still holds a copy of a missing event. */
export class StageFinder {
  readonly #s3: StageSources['s3'];
  readonly #jobs: StageSources['jobs'];
  #index: Map<EntityKey, { queued: boolean; failed: boolean }> | undefined;

  constructor({ jobs, s3 }: StageSources) {
    this.#jobs = jobs;
    this.#s3 = s3;
  }

  /** A job holds no copy itself, it only names the entity: without the event in S3 it brings nothing back. */
  find(entity: EntityKey, event: EntityEvent, siblings: readonly EntityEvent[], isHidden: boolean): Stage {
    if (isHidden) return 'clickhouse-hidden';
    const inS3 = Object.hasOwn(this.#s3, entity) ? (this.#s3[entity] ?? []) : [];
    if (!isAmong(inS3, event, siblings)) return 'not-in-s3';
    const jobs = this.#jobsOf(entity);
    if (jobs?.failed) return 'failed-set';
    return jobs?.queued ? 'queued' : 's3-only';
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
