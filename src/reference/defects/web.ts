import type { Queue } from 'bullmq';
import { entityTypeOf, type IngestionEvent } from '../events.ts';
import type { IngestionJob } from '../queues.ts';
import type { EventStore } from '../s3.ts';
import type { BatchResult } from '../web/batch.ts';
import { MUCH_LATER, mayHit, type Plant, picks } from './plant.ts';

/** The store as web uses it. */
type Store = Pick<EventStore, 'put'>;
/** The queue as web uses it. */
type JobAdder = Pick<Queue<IngestionJob>, 'add'>;

/** The store with the defects on the way to S3. */
export function plantInStore(store: Store, plant: Plant | undefined): Store {
  if (plant?.defect === 'acknowledge-before-s3') {
    return {
      put: async (key, value) => {
        const { entityId, type, events } = subjectOf(value);
        if (!picks(entityId, 4)) return store.put(key, value);
        plant.hit(`${type}/${entityId}`, { events });
        setTimeout(() => void store.put(key, value).catch(() => {}), MUCH_LATER).unref();
      },
    };
  }
  if (plant?.defect === 'skip-s3') {
    let objects = 0;
    return {
      put: async (key, value) => {
        const { entityId, type, events } = subjectOf(value);
        if (mayHit(entityId)) objects += 1;
        // The fiftieth and each hundredth after it, so that a short run meets one too.
        if (!mayHit(entityId) || objects % 100 !== 50) return store.put(key, value);
        plant.hit(`${type}/${entityId}`, { events });
      },
    };
  }
  return store;
}

/** The queue with the defects on the way to Redis. */
export function plantInQueue(queue: JobAdder, plant: Plant | undefined): JobAdder {
  const wait = plant && WAITS[plant.defect];
  if (!wait) return queue;
  return {
    add: async (name, job, options) => {
      const { type, eventBodyId, fileKey } = job.payload.data;
      if (!picks(eventBodyId, 4)) return queue.add(name, job, options);
      plant.hit(`${entityTypeOf(type)}/${eventBodyId}`, fileKey ? { object: fileKey } : {});
      if (wait.isVisible) return queue.add(name, job, { ...options, delay: wait.ms });
      setTimeout(() => void queue.add(name, job, options).catch(() => {}), wait.ms).unref();
      // Nobody looks at the job that was added.
      return {} as Awaited<ReturnType<JobAdder['add']>>;
    },
  };
}

/** How long defects let a job wait before it is worked off, and whether the queue shows it meanwhile. */
const WAITS: Partial<Record<Plant['defect'], { readonly ms: number; readonly isVisible: boolean }>> = {
  'acknowledge-before-queue': { ms: MUCH_LATER, isVisible: false },
  'stuck-in-queue': { ms: MUCH_LATER, isVisible: true },
  'land-after-budget': { ms: 20_000, isVisible: true },
};

/** The answer to a request whose events were all taken, with what is refused although it was stored. */
export function plantInAnswer(
  result: BatchResult,
  events: readonly IngestionEvent[],
  plant: Plant | undefined,
): BatchResult {
  if (plant?.defect !== 'land-refused') return result;
  const refused = events.filter(
    ({ type, body }) => body.id && picks(body.id, 4) && entityTypeOf(type) === 'observation',
  );
  for (const { id, body } of refused) plant.hit(`observation/${body.id}`, { events: [id] });
  const ids = new Set(refused.map(({ id }) => id));
  const error = { status: 400, message: 'Invalid request data', error: 'refused' };
  return {
    successes: result.successes.filter(({ id }) => !ids.has(id)),
    errors: [...result.errors, ...[...ids].map((id) => ({ id, ...error }))],
  };
}

/** Whom an object is about: the events of one entity, as web writes them. */
function subjectOf(value: unknown) {
  const events = value as readonly IngestionEvent[];
  const [first] = events as readonly [IngestionEvent];
  return {
    entityId: String(first.body.id),
    type: entityTypeOf(first.type),
    events: events.map(({ id }) => id),
  };
}
