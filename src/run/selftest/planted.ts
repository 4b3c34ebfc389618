import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLines } from '../../base/read-lines.ts';
import { sentEvents } from '../../checker/sent-events.ts';
import { openHistory } from '../../history/reader.ts';
import { CHECKPOINT_NAMES } from '../../history/run-record.ts';
import { type EntityKey, entityOf } from '../../langfuse/events.ts';
import { markKeyOf } from '../../langfuse/mark.ts';
import { readCheckpoint } from '../checkpoint-file.ts';
import type { RunFolder } from '../run-folder.ts';

/** What a defect has really done to one entity. */
export interface PlantedHit {
  /** Ids of the events that it hit. */
  readonly events: ReadonlySet<string>;
  /** True where only some of these were hit, and nobody knows which: of a score's several events only the newest leaves a mark. */
  readonly partly: boolean;
}

/** Every entity that a defect has hit, and that nothing made good again. */
export type Planted = ReadonlyMap<EntityKey, PlantedHit>;

/** The lines that the reference pipeline writes when a defect strikes (`src/reference/defects/plant.ts`). */
interface LogLine {
  readonly planted?: { entity: EntityKey; events?: string[]; object?: string; partly?: true };
  readonly madeGood?: { entity: EntityKey };
}

/** Reads from the pipeline's own logs what was really done; the checker never sees them. */
export function readPlanted(folder: RunFolder): Planted {
  const sent = sentByEntity(folder);
  const hits = new Map<EntityKey, { events: Set<string>; partly: boolean }>();
  for (const { planted, madeGood } of logLines(folder)) {
    if (madeGood) hits.delete(madeGood.entity);
    if (!planted) continue;
    const hit = hits.get(planted.entity) ?? { events: new Set(), partly: false };
    const own = sent.get(planted.entity) ?? [];
    const request = own.find(({ id }) => id === planted.object)?.request;
    const events =
      planted.events ??
      own.filter((event) => request === undefined || event.request === request).map(({ id }) => id);
    for (const id of events) hit.events.add(id);
    hit.partly ||= planted.partly === true;
    hits.set(planted.entity, hit);
  }
  return withMarks(folder, hits, sent);
}

interface SentId {
  readonly id: string;
  readonly request: number;
  /** Key of the event's own mark in the row's metadata. */
  readonly markKey: string | undefined;
}

/** Of what was hit in part, the marks in the last rows that were read tell which events are not there. */
function withMarks(
  folder: RunFolder,
  hits: Map<EntityKey, { events: Set<string>; partly: boolean }>,
  sent: ReadonlyMap<EntityKey, readonly SentId[]>,
): Planted {
  const last = CHECKPOINT_NAMES.map((name) => folder.checkpointFile(name)).findLast((file) =>
    existsSync(file),
  );
  if (last === undefined) return hits;
  const rows = new Map([...readCheckpoint(last).rows].map((row) => [`${row.kind}/${row.id}`, row]));
  for (const [entity, hit] of hits) {
    const row = rows.get(entity);
    const metadata = row && 'metadata' in row ? (row.metadata as Readonly<Record<string, unknown>>) : {};
    if (!hit.partly || row?.kind === 'score') continue;
    const absent = (sent.get(entity) ?? []).filter(
      ({ id, markKey }) => markKey === undefined || metadata[markKey] !== id,
    );
    hits.set(entity, { events: new Set(absent.map(({ id }) => id)), partly: false });
  }
  return hits;
}

function sentByEntity(folder: RunFolder): Map<EntityKey, SentId[]> {
  const sent = new Map<EntityKey, SentId[]>();
  for (const { event, request } of sentEvents(openHistory(folder.historyFile).records(), () => {})) {
    const entity = entityOf(event);
    if (!entity) continue;
    const events = sent.get(entity) ?? [];
    events.push({ id: event.id, request, markKey: markKeyOf(event) });
    sent.set(entity, events);
  }
  return sent;
}

function* logLines(folder: RunFolder): Generator<LogLine> {
  for (const name of ['web.log', 'worker.log']) {
    const file = join(folder.logsFolder, name);
    if (!existsSync(file)) continue;
    for (const line of readLines(file)) {
      // Not all that a process writes are lines of its logger.
      if (line.includes('"planted":') || line.includes('"madeGood":')) yield JSON.parse(line) as LogLine;
    }
  }
}
