import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLines } from '../base/read-lines.ts';
import { sentEvents } from '../checker/sent-events.ts';
import { openHistory } from '../history/reader.ts';
import { type EntityKey, entityOf } from '../langfuse/events.ts';
import type { RunFolder } from '../run/run-folder.ts';

/** What a defect has really done to one entity. */
export interface PlantedHit {
  /** Ids of the events that it hit. */
  readonly events: ReadonlySet<string>;
  /** True where only some of these were hit, and nobody knows which. */
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
  return hits;
}

function sentByEntity(folder: RunFolder): Map<EntityKey, { id: string; request: number }[]> {
  const sent = new Map<EntityKey, { id: string; request: number }[]>();
  for (const { event, request } of sentEvents(openHistory(folder.historyFile).records(), () => {})) {
    const entity = entityOf(event);
    if (!entity) continue;
    const events = sent.get(entity) ?? [];
    events.push({ id: event.id, request });
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
