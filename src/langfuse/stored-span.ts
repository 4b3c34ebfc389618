import type { ExpectedSpan, SpanColumns } from './expected-span.ts';
import { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import {
  type Difference,
  metadataDifferences,
  sameAmounts,
  sameMetadata,
  sameTexts,
  sameTime,
  timeText,
} from './stored-form.ts';
import type { StoredRow } from './stored-row.ts';
import type { Amounts } from './usage.ts';

const TIMES: readonly string[] = ['start_time', 'end_time', 'completion_start_time'];

/** Whether a row that was made of a span holds what is expected in every compared column. */
export function spanHolds(row: StoredRow, expected: ExpectedSpan): boolean {
  if ((row.table === 'events_full') !== expected.inEvents) return false;
  return columnsOf(expected).every((column) => columnHolds(row, column, expected));
}

/** Where such a row differs from what is expected; of metadata each key is a place of its own. */
export function spanDifferences(row: StoredRow, expected: ExpectedSpan): Difference[] {
  const table = expected.inEvents ? 'events_full' : undefined;
  if (row.table !== table)
    return [{ field: 'table', stored: JSON.stringify(row.table), expected: JSON.stringify(table) }];
  return columnsOf(expected).flatMap((column): Difference[] => {
    if (columnHolds(row, column, expected)) return [];
    const { metadata } = expected.columns;
    if (column === 'metadata' && metadata instanceof MergedMetadata)
      return metadataDifferences(row.metadata ?? {}, metadata);
    const value = expected.columns[column];
    const shown = TIMES.includes(column) && typeof value === 'number' ? timeText(value) : value;
    return [{ field: column, stored: JSON.stringify(row[column]), expected: JSON.stringify(shown) }];
  });
}

function columnsOf({ columns }: ExpectedSpan): (keyof SpanColumns)[] {
  return Object.keys(columns) as (keyof SpanColumns)[];
}

function columnHolds(
  row: StoredRow,
  column: keyof SpanColumns,
  { inEvents, columns }: ExpectedSpan,
): boolean {
  const stored = row[column];
  const expected = columns[column];
  if (expected === NOT_COMPARED) return true;
  if (TIMES.includes(column))
    return sameTime(inEvents ? withoutZeros(stored) : stored, expected as number | null);
  if (expected instanceof MergedMetadata) return sameMetadata(stored, expected);
  if (column === 'tags') return sameTexts(stored, expected as readonly string[]);
  if (column.endsWith('_details')) return sameAmounts(stored, expected as Amounts);
  return stored === expected || (expected === null && stored === '');
}

/** A time with microseconds as one with milliseconds, to which Langfuse cuts them; undefined for one that is finer. */
function withoutZeros(stored: unknown): unknown {
  if (typeof stored !== 'string') return stored;
  return stored.length === 26 && stored.endsWith('000') ? stored.slice(0, -3) : undefined;
}
