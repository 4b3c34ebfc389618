import type { EntityKey, EntityKind } from '../langfuse/events.ts';
import { marksOfMetadata } from '../langfuse/mark.ts';
import type { SpanTrack } from '../langfuse/raw-spans.ts';
import type { RawObject } from '../langfuse/storage.ts';
import type { Landed } from './landed.ts';
import type { ReconcileSources } from './reconcile.ts';

/** Objects compared at once, and bytes of them, whichever is reached first. */
const BATCH_OBJECTS = 100;
const BATCH_BYTES = 32 * 1024 * 1024;

/** One object of spans, compared with ClickHouse. */
export interface ReconciledSpans {
  readonly key: string;
  /** What its spans should have left in ClickHouse and did not, or not wholly. */
  readonly gaps: readonly { readonly entity: EntityKey; readonly landed: Exclude<Landed, 'whole'> }[];
  /** Why processing it again would not bring them there; absent when it would. */
  readonly obstacle?: string;
}

/** The project's objects of spans as S3 lists them, in batches. */
export async function* spansObjects({
  storage,
  projectId,
}: Pick<ReconcileSources, 'storage' | 'projectId'>): AsyncGenerator<RawObject[]> {
  let batch: RawObject[] = [];
  let bytes = 0;
  for await (const object of storage.listSpans(projectId)) {
    if (batch.length >= BATCH_OBJECTS || bytes >= BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(object);
    bytes += object.size;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Compares objects of spans with ClickHouse; those that are gone since they were listed are left out. A span has landed when a live row has its
 * mark, or, where it has none, its id.
 *
 * @throws ChaosError `E_S3` or `E_CLICKHOUSE` when one of them can't be asked
 */
export async function reconcileSpans(
  sources: ReconcileSources,
  objects: readonly RawObject[],
): Promise<ReconciledSpans[]> {
  const contents = await sources.storage.readSpans(objects.map(({ key }) => key));
  const wanted = (track: SpanTrack) => leavesRow(sources, track);
  const tracks = contents.flatMap((content) => ('tracks' in content ? content.tracks : [])).filter(wanted);
  const stored = await storedMarks(sources, tracks);
  return contents.flatMap((content): ReconciledSpans[] => {
    const { key } = content;
    if ('tracks' in content) {
      return [{ key, gaps: content.tracks.filter(wanted).flatMap((track) => gapOf(track, stored)) }];
    }
    if (content.problem === 'missing') return [];
    return [{ key, gaps: [], obstacle: 'an object is corrupt: the worker fails on it each time' }];
  });
}

/** Whether a row of its own is written for it: of traces only where the older tables are still filled. */
function leavesRow({ facts }: ReconcileSources, { entity }: SpanTrack): boolean {
  return facts.writeMode !== 'events_only' || kindOf(entity) !== 'trace';
}

/** The marks of each entity's live rows; no entry where there is none. */
async function storedMarks(
  { tables, projectId }: ReconcileSources,
  tracks: readonly SpanTrack[],
): Promise<Map<EntityKey, Set<number>>> {
  const stored = new Map<EntityKey, Set<number>>();
  for (const kind of ['trace', 'observation'] as const) {
    const own = tracks.filter(({ entity }) => kindOf(entity) === kind);
    const ids = [...new Set(own.map(({ entity }) => idOf(entity)))];
    if (ids.length === 0) continue;
    for await (const row of tables.readRows({ projectId, kind, ids })) {
      if (row.is_deleted !== 0) continue;
      const entity: EntityKey = `${kind}/${row.id}`;
      const marks = stored.get(entity) ?? new Set();
      stored.set(entity, marks);
      for (const mark of marksOfMetadata(row.metadata, kind)) marks.add(mark);
    }
  }
  return stored;
}

function gapOf(
  { entity, marks }: SpanTrack,
  stored: ReadonlyMap<EntityKey, ReadonlySet<number>>,
): ReconciledSpans['gaps'] {
  const there = stored.get(entity);
  if (!there) return [{ entity, landed: 'missing' }];
  return marks.every((mark) => there.has(mark)) ? [] : [{ entity, landed: 'incomplete' }];
}

const kindOf = (entity: EntityKey) => entity.slice(0, entity.indexOf('/')) as EntityKind;
const idOf = (entity: EntityKey) => entity.slice(entity.indexOf('/') + 1);
