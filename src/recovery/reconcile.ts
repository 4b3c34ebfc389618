import type { EntityKey, EntityKind, EventType, IngestionEvent } from '../langfuse/events.ts';
import { entityOf } from '../langfuse/events.ts';
import { type ExpectedRow, expectedRow } from '../langfuse/expected-row.ts';
import { sortByTime } from '../langfuse/merge-order.ts';
import { poisonIn } from '../langfuse/poison.ts';
import { folderName } from '../langfuse/s3-keys.ts';
import type { RawEvents, StoredObject } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import type { Tables } from '../langfuse/tables.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import { parseTime } from '../langfuse/time-text.ts';
import { type Landed, landed } from './landed.ts';

/** Entities compared at once, and bytes of their objects, whichever is reached first. */
const BATCH_ENTITIES = 200;
const BATCH_BYTES = 32 * 1024 * 1024;

/** The folder of one entity in S3. */
export interface EntityFolder {
  /** The entity by the folder's name; whose events it holds, only these tell. */
  readonly entity: EntityKey;
  /** The whole of its objects' keys up to the last `/`, that included. */
  readonly path: string;
  /** In the order of their keys; the worker reads the first of them only, `Profile.listLimit` many. */
  readonly objects: readonly StoredObject[];
}

/** One entity that S3 knows, compared with ClickHouse. */
export interface Reconciled {
  readonly entity: EntityKey;
  /** Where its objects lie. */
  readonly folder: EntityFolder;
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
  /** What the target is. */
  readonly facts: Pick<TargetFacts, 'profile' | 'writeMode'>;
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
  let batch: (EntityFolder & { readonly objects: StoredObject[] })[] = [];
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
      const { key, file, entity } = object;
      batch.push({ entity, path: key.slice(0, -file.length), objects: [object] });
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
  const limit = sources.facts.profile.listLimit;
  const held = await readFolders(sources.storage, batch, limit);
  const rows = await readRows(sources, kindOf(first.entity), held);
  return held.map((each) => compare(each, rows.get(idOf(each.entity)) ?? [], limit));
}

/** What the objects of a folder hold that the worker would read. */
interface Held {
  readonly folder: EntityFolder;
  readonly entity: EntityKey;
  readonly events: readonly IngestionEvent[];
  /** Why an object could not be read. */
  readonly corrupt: string | undefined;
  /** When the newest object was written, milliseconds since the epoch. */
  readonly newestObject: number;
}

/** Those whose objects are all gone are left out. */
async function readFolders(
  storage: RawEvents,
  batch: readonly EntityFolder[],
  limit: number,
): Promise<Held[]> {
  const readable = (folder: EntityFolder) => folder.objects.slice(0, limit);
  const contents = await storage.read(batch.flatMap((folder) => readable(folder).map(({ key }) => key)));
  const byKey = new Map(contents.map((content) => [content.key, content]));
  const held: Held[] = [];
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
    if (newestObject > 0)
      held.push({ folder, entity: entityIn(folder, events), events, corrupt, newestObject });
  }
  return held;
}

/** The entity that a folder is for: what its name stands for can be told by its events only, where it is sanitised. */
function entityIn({ entity }: EntityFolder, events: readonly IngestionEvent[]): EntityKey {
  const named = events[0] && entityOf(events[0]);
  const isItsFolder = named !== undefined && `${kindOf(named)}/${folderName(idOf(named))}` === entity;
  return isItsFolder ? named : entity;
}

function compare(
  { folder, entity, events, corrupt, newestObject }: Held,
  rows: readonly StoredRow[],
  limit: number,
): Reconciled {
  const { objects } = folder;
  const state = landed(events, rows, newestObject);
  const row = state === 'whole' || corrupt !== undefined ? undefined : rowToCome(entity, events);
  const obstacle = obstacleOf(entity, events, corrupt) ?? (row && poisonText(row));
  const month = row && monthOf(row);
  const cutOff = objects.length > limit && state === 'whole';
  const [first] = events;
  return {
    entity,
    folder,
    // What could not be read can't have landed.
    landed: state === 'whole' && (corrupt !== undefined || cutOff) ? 'incomplete' : state,
    eventIds: events.map((event) => event.id),
    type: first?.type ?? `${kindOf(entity)}-create`,
    ...(obstacle
      ? { obstacle }
      : cutOff
        ? { obstacle: `more than ${limit.toLocaleString('en')} objects: the worker reads no more` }
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
  entities: readonly Pick<Held, 'entity'>[],
): Promise<Map<string, StoredRow[]>> {
  const rows = new Map<string, StoredRow[]>();
  const ids = entities.map(({ entity }) => idOf(entity));
  for await (const row of tables.readRows({ projectId, kind, ids })) {
    const known = rows.get(row.id);
    if (known) known.push(row);
    else rows.set(row.id, [row]);
  }
  return rows;
}

function kindOf(entity: EntityKey): EntityKind {
  return entity.slice(0, entity.indexOf('/')) as EntityKind;
}

function idOf(entity: EntityKey): string {
  return entity.slice(entity.indexOf('/') + 1);
}
