import type { ClickHouse } from '../clickhouse.ts';
import type { EntityType, EventType } from '../events.ts';
import type { EventObject } from '../safe-keys.ts';
import { parseKey } from '../safe-keys.ts';
import type { JobToAdd } from '../safe-queue.ts';
import type { PatientStore } from './safe-stores.ts';

const TABLE_OF = { trace: 'traces', observation: 'observations', score: 'scores' } as const;
/** An event type of each kind: of a job's type only the kind matters. */
const TYPE_OF: Record<EntityType, EventType> = {
  trace: 'trace-create',
  observation: 'observation-create',
  score: 'score-create',
};

/** What a sweep works with. */
export interface SweepParts {
  /** What all keys of raw events begin with. */
  readonly prefix: string;
  readonly store: Pick<PatientStore, 'listAll'>;
  readonly clickhouse: Pick<ClickHouse, 'query'>;
  readonly queue: { add(jobs: readonly JobToAdd[]): Promise<void> };
}

/**
 * Compares S3 with ClickHouse, a page of the listing at a time, and adds a job for each entity with an object that
 * `event_log` does not know or without a row: S3 is the one copy that no fault of Redis or of a worker reaches. A
 * job that is still in the queue is not doubled, for its id is the name of its object.
 * @returns number of jobs that were asked for
 */
export async function sweep({ prefix, store, clickhouse, queue }: SweepParts): Promise<number> {
  let added = 0;
  for await (const page of store.listAll(prefix)) {
    const objects = page.flatMap(({ key }) => {
      const object = parseKey(prefix, key);
      return object ? [{ ...object, key }] : [];
    });
    const groups = Map.groupBy(objects, ({ projectId, kind }) => `${projectId}/${kind}`);
    for (const group of groups.values()) {
      const jobs = jobsFor(await findMissing(group, clickhouse));
      await queue.add(jobs);
      added += jobs.length;
    }
  }
  return added;
}

type Listed = EventObject & { readonly key: string };

/** Those of some objects of one project and kind that have not landed. */
async function findMissing(
  objects: readonly Listed[],
  clickhouse: SweepParts['clickhouse'],
): Promise<Listed[]> {
  const [first] = objects;
  if (!first) return [];
  const known = async (table: string, column: string, names: readonly string[]) => {
    // By range: a thousand names are too long for the parameters of a query.
    const sorted = names.map((name) => Buffer.from(name)).sort(Buffer.compare);
    const rows = await clickhouse.query<{ name: string }>(
      `SELECT DISTINCT ${column} AS name FROM ${table}
       WHERE project_id = {projectId: String} AND ${column} >= {first: String} AND ${column} <= {last: String}`,
      { projectId: first.projectId, first: String(sorted[0]), last: String(sorted.at(-1)) },
    );
    return new Set(rows.map(({ name }) => name));
  };
  const keys = await known(
    'event_log',
    'bucket_path',
    objects.map(({ key }) => key),
  );
  const ids = await known(
    TABLE_OF[first.kind],
    'id',
    objects.map(({ entityId }) => entityId),
  );
  return objects.filter(({ key, entityId }) => !keys.has(key) || !ids.has(entityId));
}

/** One job an entity. */
function jobsFor(missing: readonly Listed[]): JobToAdd[] {
  const byEntity = new Map(missing.map((object) => [object.entityId, object]));
  return [...byEntity.values()].map(({ projectId, kind, entityId, name }) => ({
    scope: { projectId, accessLevel: 'all', orgId: '', plan: 'oss', rateLimitOverrides: [] },
    type: TYPE_OF[kind],
    entityId,
    object: name,
    mayBeSkipped: false,
    delay: 0,
  }));
}
