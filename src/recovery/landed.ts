import type { IngestionEvent } from '../langfuse/events.ts';
import { markOfComment, marksOfMetadata } from '../langfuse/mark.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';

/** What ClickHouse has of an entity, compared with its events in S3. */
export type Landed = 'whole' | 'missing' | 'incomplete';

/**
 * How much of an entity has landed.
 *
 * - missing: it has no live row; one that is hidden (`is_deleted = 1`) does not count;
 * - incomplete: its newest row lacks a mark that one of the events carries (for a score, which keeps one mark
 *   only: it has not that of the newest event), or, where events carry no mark, was merged before the newest
 *   object was written.
 *
 * @param events all that S3 holds of it, those that Langfuse would read
 * @param rows its rows, live and hidden, in any order
 * @param newestObject when the newest of its objects was written, milliseconds since the epoch
 */
export function landed(
  events: readonly IngestionEvent[],
  rows: readonly StoredRow[],
  newestObject: number,
): Landed {
  const row = newestLive(rows);
  if (!row) return 'missing';
  const [carried, marked] = row.kind === 'score' ? scoreMarks(events, row) : metadataMarks(events, row);
  if (!carried) return 'incomplete';
  return marked || mergedAt(row) >= newestObject ? 'whole' : 'incomplete';
}

function newestLive(rows: readonly StoredRow[]): StoredRow | undefined {
  let newest: StoredRow | undefined;
  for (const row of rows) {
    // The text form of a time sorts as the time does.
    if (row.is_deleted === 0 && (newest === undefined || row.event_ts > newest.event_ts)) newest = row;
  }
  return newest;
}

/** Whether the row carries the marks of all events that have one, and whether all events have one. */
function metadataMarks(events: readonly IngestionEvent[], row: StoredRow): [boolean, boolean] {
  const stored = new Set(marksOfMetadata(row.metadata));
  const sent = events.map((event) => marksOfMetadata(event.body.metadata));
  return [sent.flat().every((mark) => stored.has(mark)), sent.every((marks) => marks.length > 0)];
}

/** The same for a score: only the mark of its newest event survives, and any of several with the same time may be it. */
function scoreMarks(events: readonly IngestionEvent[], row: StoredRow): [boolean, boolean] {
  const newest = Math.max(...events.map((event) => Date.parse(event.timestamp)));
  const sent = events
    .filter((event) => Date.parse(event.timestamp) === newest)
    .map((event) => markOfComment(event.body.comment));
  if (sent.some((mark) => mark === undefined)) return [true, false];
  return [sent.includes(markOfComment(row.comment)), true];
}

function mergedAt(row: StoredRow): number {
  return Date.parse(`${row.event_ts.replace(' ', 'T')}Z`);
}
