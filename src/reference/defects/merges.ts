import type { EntityType, IngestionEvent } from '../events.ts';
import type { EntityMerger } from '../worker/entities.ts';
import { sortByTime } from '../worker/merge.ts';
import { type EntityKey, MUCH_LATER, mayHit, type Plant, picks } from './plant.ts';

/** What jobs use of the merger. */
type Merger = Pick<EntityMerger, 'mergeAndWrite'>;
type Merge = Merger['mergeAndWrite'];

/** The merger with the defects of merging. */
export function plantInMerger(merger: Merger, plant: Plant | undefined): Merger {
  const body = plant && BODIES[plant.defect];
  return body ? { mergeAndWrite: body((...merge) => merger.mergeAndWrite(...merge), plant) } : merger;
}

type Body = (merge: Merge, plant: Plant) => Merge;

const BODIES: Partial<Record<Plant['defect'], Body>> = {
  'complete-before-buffered': (merge, plant) => async (type, entity, events, created) => {
    if (!picks(entity.id, 4)) return merge(type, entity, events, created);
    plant.hit(`${type}/${entity.id}`, { events: idsOf(events) });
    setTimeout(() => void merge(type, entity, events, created).catch(() => {}), MUCH_LATER).unref();
  },
  'drop-after-one-attempt': (merge, plant) => {
    const merged = new Set<string>();
    return async (type, entity, events, created) => {
      try {
        await merge(type, entity, events, created);
        for (const { id } of events) merged.add(id);
        plant.madeGood(`${type}/${entity.id}`);
      } catch (error) {
        if (!mayHit(entity.id)) throw error;
        const dropped = idsOf(events).filter((id) => !merged.has(id));
        if (dropped.length > 0) plant.hit(`${type}/${entity.id}`, { events: dropped });
      }
    };
  },
  'drop-updates': (merge, plant) => async (type, entity, events, created) => {
    const updates = events.filter((event) => mayHit(entity.id) && event.type.endsWith('-update'));
    if (updates.length > 0) plant.hit(`${type}/${entity.id}`, { events: idsOf(updates) });
    const rest = events.filter((event) => !updates.includes(event));
    if (rest.length > 0) await merge(type, entity, rest, created);
  },
  'merge-in-wrong-order': (merge, plant) => async (type, entity, events, created) => {
    const key: EntityKey = `${type}/${entity.id}`;
    const order = mayHit(entity.id) ? newestFirst(type, events) : undefined;
    if (order) plant.hit(key);
    else plant.madeGood(key);
    await merge(type, entity, order ?? events, created);
  },
  'overwrite-by-stale-merge': (merge, plant) => {
    const known = new Map<EntityKey, string | undefined>();
    return async (type, entity, events, created) => {
      const key: EntityKey = `${type}/${entity.id}`;
      if (!mayHit(entity.id)) return merge(type, entity, events, created);
      const first = known.get(key) ?? events[0]?.id;
      known.set(key, first);
      const left = idsOf(events).filter((id) => id !== first);
      if (left.length > 0) plant.hit(key, { events: left });
      const stale = events.filter(({ id }) => id === first);
      await merge(type, entity, stale, created);
    };
  },
};

/**
 * The events with their times the other way round, if that makes a difference that nothing else explains: another value
 * under a metadata key. What an entity's first event fixes stays as it was. Of scores only the last counts, so that another
 * order loses one; they are left alone.
 */
function newestFirst(
  type: EntityType,
  events: readonly IngestionEvent[],
): readonly IngestionEvent[] | undefined {
  if (type === 'score') return undefined;
  const sorted = sortByTime([...events]);
  if (!sorted.some(({ body }) => differs(metadataOf(body), sorted))) return undefined;
  const [first] = sorted as [IngestionEvent];
  const time = type === 'trace' ? 'timestamp' : 'startTime';
  const start = (first.body as Record<string, unknown>)[time] ?? first.timestamp;
  const times = sorted.map(({ timestamp }) => timestamp).reverse();
  return sorted.map(
    (event, at) =>
      ({ ...event, timestamp: times[at], body: { ...event.body, [time]: start } }) as IngestionEvent,
  );
}

/** Whether one of these keys has another value in the first event that has it than in the last. */
function differs(keys: Readonly<Record<string, unknown>>, sorted: readonly IngestionEvent[]): boolean {
  return Object.keys(keys).some((key) => {
    const values = sorted.map(({ body }) => metadataOf(body)[key]).filter((value) => value !== undefined);
    return JSON.stringify(values[0]) !== JSON.stringify(values.at(-1));
  });
}

function metadataOf(body: object): Readonly<Record<string, unknown>> {
  const { metadata } = body as { metadata?: unknown };
  const isMap = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  return isMap ? (metadata as Record<string, unknown>) : {};
}

const idsOf = (events: readonly IngestionEvent[]): string[] => events.map(({ id }) => id);
