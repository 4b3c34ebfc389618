import type { Clock } from '../base/clock.ts';
import { openHistory } from '../history/reader.ts';
import type { CheckpointName } from '../history/run-record.ts';
import { type EntityKey, type EntityKind, entityKindOf, entityOf } from '../langfuse/events.ts';
import { markOfComment, marksOfMetadata } from '../langfuse/mark.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import { foldersOf } from '../langfuse/s3-keys.ts';
import { eventsOfBody, type SpanForm } from '../langfuse/span-events.ts';
import type { RawEvents } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import type { Tables } from '../langfuse/tables.ts';
import { CheckpointWriter } from './checkpoint-file.ts';
import { jobsByEntity } from './jobs-by-entity.ts';

/** Everything that may hold a copy of an event. */
export interface Stores {
  readonly queue: Pick<IngestionQueue, 'depths' | 'jobs'>;
  readonly tables: Pick<Tables, 'readRows'>;
  readonly rawEvents: RawEvents;
}

/**
 * Reads all that has landed and, for every entity that is missing or incomplete, what else still holds its
 * events, and stores it. The queue is read before the rows, so that an event that moves from
 * one to the other meanwhile is not missed; one in the worker's memory is in neither.
 *
 * @returns number of entities that were missing or incomplete; of a score's several events only one leaves its mark,
 *   so a score with a mark is taken to be whole here (the checker knows better)
 */
export async function takeCheckpoint(
  name: CheckpointName,
  stores: Stores,
  options: {
    readonly projectId: string;
    readonly historyFile: string;
    readonly file: string;
    readonly clock: Clock;
    /** What the target makes of spans. */
    readonly form: SpanForm;
  },
): Promise<number> {
  using writer = new CheckpointWriter(options.file, name, options.clock.now());
  const { failed } = await stores.queue.depths();
  const jobs = jobsByEntity(stores.queue, stores.rawEvents, options.projectId);
  for await (const job of jobs) writer.job(job);
  const wanted = expectedMarks(options.historyFile, options.form);
  const scoresThere = new Set<EntityKey>();
  for await (const row of stores.tables.readRows()) {
    writer.row(row);
    if (row.project_id !== options.projectId || row.is_deleted !== 0) continue;
    strikeOff(wanted, row);
    if (row.kind === 'score' && markOfComment(row.comment) !== undefined) scoresThere.add(`score/${row.id}`);
  }
  for (const [entity, { ids, marks }] of await eventsInS3(stores.rawEvents, options.projectId, wanted)) {
    writer.s3(entity, ids, marks);
  }
  writer.end(failed);
  return [...wanted.keys()].filter((entity) => !scoresThere.has(entity)).length;
}

/** Stands for an event without a mark; no row strikes it off, so that its entity is always looked up in S3. */
const UNMARKED = -1;

/** The marks that each entity's row should carry in the end, by what was sent. */
function expectedMarks(historyFile: string, form: SpanForm): Map<EntityKey, Set<number>> {
  const expected = new Map<EntityKey, Set<number>>();
  for (const record of openHistory(historyFile).records()) {
    if (record.kind !== 'sent') continue;
    for (const event of eventsOfBody(record.body, form)) {
      const entity = entityOf(event);
      const kind = entityKindOf(event.type);
      if (!entity || !kind) continue;
      const own = marksIn(event.body, kind);
      // Only the root span carries the mark of its trace.
      if (own.length === 0 && event.type === 'otel-trace') continue;
      const marks = expected.get(entity) ?? new Set();
      expected.set(entity, marks);
      for (const mark of own.length > 0 ? own : [UNMARKED]) marks.add(mark);
    }
  }
  return expected;
}

function marksIn(body: Readonly<Record<string, unknown>>, kind: EntityKind): number[] {
  const comment = markOfComment(body.comment);
  const marks = marksOfMetadata(body.metadata, kind);
  if (comment !== undefined) marks.push(comment);
  return marks;
}

function strikeOff(wanted: Map<EntityKey, Set<number>>, row: StoredRow): void {
  const entity: EntityKey = `${row.kind}/${row.id}`;
  const marks = wanted.get(entity);
  if (!marks) return;
  for (const mark of marksIn(row, row.kind)) marks.delete(mark);
  if (marks.size === 0) wanted.delete(entity);
}

interface Held {
  readonly ids: string[];
  readonly marks: number[];
}

/** What S3 holds of the entities that are wanted, by entity. */
async function eventsInS3(
  rawEvents: RawEvents,
  projectId: string,
  wanted: ReadonlyMap<EntityKey, unknown>,
): Promise<Map<EntityKey, Held>> {
  const found = new Map<EntityKey, Held>();
  if (wanted.size === 0) return found;
  const holds = (entity: EntityKey, id: string, marks: readonly number[]) => {
    if (!wanted.has(entity)) return;
    const known = found.get(entity) ?? { ids: [], marks: [] };
    found.set(entity, known);
    known.ids.push(id);
    known.marks.push(...marks);
  };
  const entityOfFolder = new Map(
    [...wanted.keys()].flatMap((entity) => foldersOf(entity).map((folder) => [folder, entity])),
  );
  const keys: string[] = [];
  const entities: EntityKey[] = [];
  for await (const object of rawEvents.list(projectId)) {
    const entity = entityOfFolder.get(object.entity);
    if (!entity) continue;
    keys.push(object.key);
    entities.push(entity);
  }
  for (const [index, content] of (await rawEvents.read(keys)).entries()) {
    const entity = entities[index];
    if (!entity || !('events' in content)) continue;
    for (const { id, type, body } of content.events)
      holds(entity, id, marksIn(body, entityKindOf(type) ?? 'observation'));
  }
  const spans: string[] = [];
  for await (const { key } of rawEvents.listSpans(projectId)) spans.push(key);
  for (const content of await rawEvents.readSpans(spans)) {
    if (!('tracks' in content)) continue;
    for (const { entity, id, marks } of content.tracks) holds(entity, id, marks);
  }
  return found;
}
