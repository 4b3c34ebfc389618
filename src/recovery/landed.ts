import type { IngestionEvent } from '../langfuse/events.ts';
import { expectedRow } from '../langfuse/expected-row.ts';
import { markOfComment, marksOfMetadata } from '../langfuse/mark.ts';
import { mergeOrders, type TimedEvent } from '../langfuse/merge-order.ts';
import { rowHolds } from '../langfuse/stored-form.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import { parseTime } from '../langfuse/time-text.ts';

/** What ClickHouse has of an entity, compared with its events in S3. */
export type Landed = 'whole' | 'missing' | 'incomplete';

/** Ways to merge events of one time that are tried before the content is held to be undecidable. */
const MOST_TRIED = 500;

/**
 * How much of an entity has landed.
 *
 * - missing: it has no live row; one that is hidden (`is_deleted = 1`) does not count;
 * - incomplete, where every event carries a mark: its newest row lacks one of them (a score keeps one mark only, that
 *   of its newest event);
 * - incomplete otherwise: its newest row is not what Langfuse makes of these events; and where that can't be
 *   decided, it was merged before the newest object was written.
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
  const byMarks = row.kind === 'score' ? hasScoreMark(events, row) : hasMarks(events, row);
  const whole = byMarks ?? followsFrom(events, row) ?? parseTime(row.event_ts) >= newestObject;
  return whole ? 'whole' : 'incomplete';
}

function newestLive(rows: readonly StoredRow[]): StoredRow | undefined {
  let newest: StoredRow | undefined;
  for (const row of rows) {
    // The text form of a time sorts as the time does.
    if (row.is_deleted === 0 && (newest === undefined || row.event_ts > newest.event_ts)) newest = row;
  }
  return newest;
}

/** Whether the row carries the marks of all events; undefined when it carries those there are and not every event has one. */
function hasMarks(events: readonly IngestionEvent[], row: StoredRow): boolean | undefined {
  const stored = new Set(marksOfMetadata(row.metadata));
  const sent = events.map((event) => marksOfMetadata(event.body.metadata));
  if (!sent.flat().every((mark) => stored.has(mark))) return false;
  return sent.every((marks) => marks.length > 0) || undefined;
}

/** Whether the row carries the mark of the newest event, of any of them if several have its time; undefined when one has none. */
function hasScoreMark(events: readonly IngestionEvent[], row: StoredRow): boolean | undefined {
  const newest = Math.max(...events.map((event) => parseTime(event.timestamp)));
  const sent = events
    .filter((event) => parseTime(event.timestamp) === newest)
    .map((event) => markOfComment(event.body.comment));
  if (sent.includes(undefined)) return undefined;
  return sent.includes(markOfComment(row.comment));
}

/** Whether Langfuse may have made this row of all these events; undefined when there are too many ways to try. */
function followsFrom(events: readonly IngestionEvent[], row: StoredRow): boolean | undefined {
  const timed = events.map((event): TimedEvent => {
    const at = parseTime(event.timestamp);
    return { event, from: at, to: at };
  });
  let tried = 0;
  for (const order of mergeOrders(timed)) {
    // Which event was processed first can't be told from S3.
    for (const first of order) {
      if (rowHolds(row, expectedRow(row.kind, order, first))) return true;
      tried += 1;
      if (tried === MOST_TRIED) return undefined;
    }
  }
  return false;
}
