import { holdsMark, markOfComment } from '../langfuse/mark.ts';
import { comesBefore } from '../langfuse/merge-order.ts';
import { type Entity, isList, rowsAt } from './entity.ts';
import type { EntityEvent } from './entity-events.ts';
import { type Explanation, RowExplainer } from './explain-row.ts';
import type { StoredRow } from './input.ts';
import type { FieldDifference } from './verdict.ts';

/** What is out of the ordinary about an entity's rows, by checkpoint; most have nothing of the kind. */
export interface Oddities {
  /** Bit `1 << c` is set when there is more than one live row at checkpoint `c`. */
  duplicatedAt: number;
  /** Bit `1 << c` is set when there is a row that can't have come from what was sent. */
  unexpectedAt: number;
  /** Bit `1 << c` is set when a row's events can be merged in too many ways to tell whether it is right. */
  unclearAt: number;
  /** The facts behind the first two, in words. */
  duplicatedNote: string;
  unexpectedNote: string;
  /** Rows that Langfuse does not show in the run's project. */
  readonly hidden: (readonly StoredRow[] | undefined)[];
  readonly differences: (readonly FieldDifference[] | undefined)[];
}

/** Sets in each event at which checkpoints it was there, and says what else there is to say about the rows. */
export function readRows(
  entity: Entity,
  events: readonly EntityEvent[],
  projectId: string,
): Oddities | undefined {
  const explainer = new RowExplainer(entity.kind, events);
  let oddities: Oddities | undefined;
  for (let at = 0; at < entity.rows.length; at += 1) {
    const rows = entity.rows[at];
    if (rows === undefined) continue;
    if (!isList(rows) && isLive(rows, projectId)) {
      // As nearly always.
      const explanation = explainer.explain(rows);
      if (!note(explanation, at)) continue;
      oddities ??= noOddities();
      noteOdd(entity, explanation, at, oddities);
    } else {
      oddities ??= noOddities();
      readOddRows(entity, at, explainer, projectId, oddities);
    }
  }
  return oddities;
}

/** Whether a row is what Langfuse shows in the run's project. */
export function isLive(row: StoredRow, projectId: string): boolean {
  return row.is_deleted === 0 && row.project_id === projectId;
}

/** Whether a row that is not shown holds an event. */
export function isHiddenIn(row: StoredRow, event: EntityEvent, siblings: readonly EntityEvent[]): boolean {
  if (row.kind !== 'score') {
    const metadata = (row.metadata ?? {}) as Record<string, unknown>;
    return event.markKey === undefined || holdsMark(metadata, event.markKey);
  }
  if (event.commentMark === undefined) return true;
  const mark = markOfComment(row.comment);
  return siblings.some((other) => other.commentMark === mark && !comesBefore(other, event));
}

/** No row but one, and that one hidden; or several rows. */
function readOddRows(
  entity: Entity,
  at: number,
  explainer: RowExplainer,
  projectId: string,
  oddities: Oddities,
): void {
  const rows = rowsAt(entity, at);
  const live = rows.filter((row) => isLive(row, projectId)).sort(newestFirst);
  oddities.hidden[at] = rows.filter((row) => !isLive(row, projectId));
  for (const row of rows) {
    if (row.project_id !== projectId) noteUnexpected(oddities, at, `A row is in project ${row.project_id}.`);
  }
  if (live.length > 1) {
    oddities.duplicatedAt |= 1 << at;
    oddities.duplicatedNote = `${live.length} live rows: ${live.map(placeOf).sort().join(' and ')}.`;
  }
  for (const [age, row] of live.entries()) {
    const explanation = explainer.explain(row);
    // The content is judged by the newest row, which is the one that Langfuse shows.
    const judged = age === 0 ? explanation : { ...explanation, differences: [] };
    if (note(judged, at)) noteOdd(entity, judged, at, oddities);
  }
}

/** Whether there is more to say than that the events are there and right. */
function note({ included, differences, unclear }: Explanation, at: number): boolean {
  const bit = 1 << at;
  for (let index = 0; index < included.length; index += 1) {
    const event = included[index] as EntityEvent;
    event.presentAt |= bit;
    if (differences.length > 0) event.alteredAt |= bit;
  }
  return unclear || differences.length > 0 || included.length === 0;
}

function noteOdd(
  entity: Entity,
  { included, differences, unclear }: Explanation,
  at: number,
  oddities: Oddities,
) {
  if (differences.length > 0) oddities.differences[at] = differences;
  if (unclear) oddities.unclearAt |= 1 << at;
  if (included.length > 0) return;
  const why =
    entity.sends.length > 0
      ? 'The row holds none of the events that were sent for this entity.'
      : 'No event of this run names this entity.';
  noteUnexpected(oddities, at, why);
}

function noteUnexpected(oddities: Oddities, at: number, why: string): void {
  oddities.unexpectedAt |= 1 << at;
  oddities.unexpectedNote ||= why;
}

function noOddities(): Oddities {
  return {
    duplicatedAt: 0,
    unexpectedAt: 0,
    unclearAt: 0,
    duplicatedNote: '',
    unexpectedNote: '',
    hidden: [],
    differences: [],
  };
}

/** What the sorting key keeps apart: the day, and the type of an observation or the name of a score; of a span its start and its trace. */
function placeOf(row: StoredRow): string {
  if (row.table === 'events_full') return `${String(row.start_time)} in trace ${String(row.trace_id)}`;
  const day = String(row.timestamp ?? row.start_time).slice(0, 10);
  const what = row.kind === 'observation' ? row.type : row.kind === 'score' ? row.name : undefined;
  return what === undefined ? day : `${day} as ${String(what)}`;
}

function newestFirst(a: StoredRow, b: StoredRow): number {
  const aText = `${a.event_ts} ${placeOf(a)}`;
  const bText = `${b.event_ts} ${placeOf(b)}`;
  if (aText === bText) return 0;
  return aText < bText ? 1 : -1;
}
