import type { EntityKey, EntityKind, EventType, IngestionEvent } from '../langfuse/events.ts';
import { entityOf } from '../langfuse/events.ts';
import { type ExpectedRow, expectedRow } from '../langfuse/expected-row.ts';
import { sortByTime } from '../langfuse/merge-order.ts';
import { poisonIn } from '../langfuse/poison.ts';
import type { RawEvents, StoredObject } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import type { Tables } from '../langfuse/tables.ts';
import { parseTime } from '../langfuse/time-text.ts';
import { type Landed, landed } from './landed.ts';

/** Objects of one entity that the worker reads: one page of the listing (langfuse, `S3StorageService.listFiles` at v3.36.0). */
const OBJECTS_READ = 1000;

/** Entities compared at once, and bytes of their objects, whichever is reached first. */
const BATCH_ENTITIES = 200;
const BATCH_BYTES = 32 * 1024 * 1024;

/** The folder of one entity in S3. */
export interface EntityFolder {
  readonly entity: EntityKey;
  /** In the order of their keys; the worker reads the first 1,000. */
  readonly objects: readonly StoredObject[];
}

/** One entity that S3 knows, compared with ClickHouse. */
export interface Reconciled {
  readonly entity: EntityKey;
  readonly landed: Landed;
  /** Envelope ids of the events that S3 holds and that could be read. */
  readonly eventIds: readonly string[];
  /** Type of the first of them, which tells the worker the entity's kind; that of a creation when none could be read. */
  readonly type: EventType;
  /** Why processing the entity again would not bring all of it to ClickHouse; absent when it would. */
  readonly obstacle?: string;
  /** The month that its row falls into, a partition of its table, for example `2025-03`; absent when it is whole or nobody knows. */
  readonly month?: string;
}

/** Where to look. */
export interface ReconcileSources {
  readonly projectId: string;
  readonly storage: RawEvents;
  readonly tables: Pick<Tables, 'readRows'>;
}

/**
 * Compares every entity that S3 knows with ClickHouse, a batch at a time, so that memory stays bounded. An
 * entity whose rows still wait in the worker's buffer is missing: look once the stack has settled.
 *
 * @throws ChaosError `E_S3` or `E_CLICKHOUSE` when one of them can't be asked
 */
export async function* reconcile(sources: ReconcileSources): AsyncGenerator<Reconciled> {
  for await (const batch of entityFolders(sources)) yield* await reconcileBatch(sources, batch);
}

/** The project's entities as S3 lists them, in batches of one kind. An id with a `/` in it may come in two parts. */
export async function* entityFolders({
  storage,
  projectId,
}: Pick<ReconcileSources, 'storage' | 'projectId'>): AsyncGenerator<EntityFolder[]> {
  let batch: { entity: EntityKey; objects: StoredObject[] }[] = [];
  let bytes = 0;
  for await (const object of storage.list(projectId)) {
    const last = batch.at(-1);
    if (last?.entity === object.entity) {
      last.objects.push(object);
    } else {
      const full = batch.length >= BATCH_ENTITIES || bytes >= BATCH_BYTES;
      if (last && (full || kindOf(last.entity) !== kindOf(object.entity))) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push({ entity: object.entity, objects: [object] });
    }
    bytes += object.size;
  }
  if (batch.length > 0) yield batch;
}

/** Compares entities of one kind with ClickHouse. Those whose objects are all gone since they were listed are left out. */
export async function reconcileBatch(
  sources: ReconcileSources,
  batch: readonly EntityFolder[],
): Promise<Reconciled[]> {
  const [first] = batch;
  if (!first) return [];
  const [rows, contents] = await Promise.all([
    readRows(sources, kindOf(first.entity), batch),
    sources.storage.read(batch.flatMap((folder) => readable(folder).map((object) => object.key))),
  ]);
  const byKey = new Map(contents.map((content) => [content.key, content]));
  const found: Reconciled[] = [];
  for (const folder of batch) {
    const events: IngestionEvent[] = [];
    let corrupt: string | undefined;
    let newestObject = 0;
    for (const { key, lastModified } of readable(folder)) {
      const content = byKey.get(key);
      if (!content || ('problem' in content && content.problem === 'missing')) continue;
      newestObject = Math.max(newestObject, lastModified);
      if ('problem' in content) corrupt ??= content.text;
      else events.push(...content.events);
    }
    if (newestObject === 0) continue;
    found.push(compare(folder, events, rows.get(idOf(folder.entity)) ?? [], newestObject, corrupt));
  }
  return found;
}

function compare(
  folder: EntityFolder,
  events: readonly IngestionEvent[],
  rows: readonly StoredRow[],
  newestObject: number,
  corrupt: string | undefined,
): Reconciled {
  const { entity, objects } = folder;
  const state = landed(events, rows, newestObject);
  const row = state === 'whole' || corrupt !== undefined ? undefined : rowToCome(entity, events);
  const obstacle = obstacleOf(entity, events, corrupt) ?? (row && poisonText(row));
  const month = row && monthOf(row);
  const cutOff = objects.length > OBJECTS_READ && state === 'whole';
  const [first] = events;
  return {
    entity,
    // What could not be read can't have landed.
    landed: state === 'whole' && (corrupt !== undefined || cutOff) ? 'incomplete' : state,
    eventIds: events.map((event) => event.id),
    type: first?.type ?? `${kindOf(entity)}-create`,
    ...(obstacle
      ? { obstacle }
      : cutOff
        ? { obstacle: 'more than 1,000 objects: the worker reads no more' }
        : {}),
    ...(month === undefined ? {} : { month }),
  };
}

function obstacleOf(
  entity: EntityKey,
  events: readonly IngestionEvent[],
  corrupt: string | undefined,
): string | undefined {
  if (corrupt !== undefined) return 'an object is corrupt: the worker fails on it each time';
  if (events.length === 0) return 'its objects hold no event';
  if (events.some((event) => entityOf(event) !== entity)) return 'an event names another entity, or none';
  return undefined;
}

/** The row that the worker would make of the events; undefined if there are none. */
function rowToCome(entity: EntityKey, events: readonly IngestionEvent[]): ExpectedRow | undefined {
  const timed = events.map((event) => {
    const at = parseTime(event.timestamp);
    return { event, from: at, to: at };
  });
  const sorted = sortByTime(timed);
  const [first] = sorted;
  return first && expectedRow(kindOf(entity), sorted, first);
}

/** A row that ClickHouse refuses would be dropped again, and take the rows of other entities along that are in the same INSERT. */
function poisonText(row: ExpectedRow): string | undefined {
  const poison = poisonIn(row);
  return poison && `ClickHouse refuses its row and all others of the INSERT: ${poison}`;
}

function monthOf(row: ExpectedRow): string | undefined {
  const time = row.kind === 'observation' ? row.start_time : row.timestamp;
  const at = typeof time === 'number' ? time : time.from;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().slice(0, 7);
}

async function readRows(
  { tables, projectId }: ReconcileSources,
  kind: EntityKind,
  batch: readonly EntityFolder[],
): Promise<Map<string, StoredRow[]>> {
  const rows = new Map<string, StoredRow[]>();
  const ids = batch.map((folder) => idOf(folder.entity));
  for await (const row of tables.readRows({ projectId, kind, ids })) {
    const known = rows.get(row.id);
    if (known) known.push(row);
    else rows.set(row.id, [row]);
  }
  return rows;
}

const readable = (folder: EntityFolder) => folder.objects.slice(0, OBJECTS_READ);

function kindOf(entity: EntityKey): EntityKind {
  return entity.slice(0, entity.indexOf('/')) as EntityKind;
}

function idOf(entity: EntityKey): string {
  return entity.slice(entity.indexOf('/') + 1);
}
