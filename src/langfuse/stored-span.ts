import type { Prompt, TimeRange } from './expected-row.ts';
import type { ExpectedSpan } from './expected-span.ts';
import { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import {
  type Difference,
  metadataDifferences,
  sameAmounts,
  sameMetadata,
  samePrompt,
  sameTexts,
  sameTime,
  timeText,
} from './stored-form.ts';
import type { StoredRow } from './stored-row.ts';
import type { Amounts } from './usage.ts';

const TIMES: readonly string[] = ['timestamp', 'start_time', 'end_time', 'completion_start_time'];

/** Whether a row that was made of a span holds what is expected in every compared column. */
export function spanHolds(row: StoredRow, expected: ExpectedSpan): boolean {
  if ((row.table === 'events_full') !== expected.inEvents) return false;
  return columnsOf(expected).every(([column, value]) => columnHolds(row, column, value));
}

/** Where such a row differs from what is expected; of metadata each key is a place of its own. */
export function spanDifferences(row: StoredRow, expected: ExpectedSpan): Difference[] {
  const table = expected.inEvents ? 'events_full' : undefined;
  if (row.table !== table)
    return [{ field: 'table', stored: JSON.stringify(row.table), expected: JSON.stringify(table) }];
  return columnsOf(expected).flatMap(([column, value]): Difference[] => {
    if (columnHolds(row, column, value)) return [];
    if (value instanceof MergedMetadata) return metadataDifferences(row.metadata ?? {}, value);
    return [{ field: column, stored: JSON.stringify(row[column]), expected: shown(column, value) }];
  });
}

function columnsOf({ columns }: ExpectedSpan): [string, unknown][] {
  return Object.entries(columns);
}

function columnHolds(row: StoredRow, column: string, expected: unknown): boolean {
  const stored = row[column];
  if (expected === NOT_COMPARED) return true;
  if (TIMES.includes(column))
    return sameTime(
      row.table === 'events_full' ? withoutZeros(stored) : stored,
      expected as number | TimeRange | null,
    );
  if (expected instanceof MergedMetadata) return sameMetadata(stored, expected);
  if (column === 'tags') return sameTexts(stored, expected as readonly string[]);
  if (column.endsWith('_details')) return sameAmounts(stored, expected as Amounts);
  // Where Langfuse looks prompts up.
  if (column === 'prompt_name' && Array.isArray(expected))
    return samePrompt(stored, row.prompt_version, expected as readonly Prompt[]);
  return stored === expected || (expected === null && stored === '');
}

function shown(column: string, expected: unknown): string | undefined {
  if (!TIMES.includes(column) || expected === null) return JSON.stringify(expected);
  if (typeof expected === 'number') return JSON.stringify(timeText(expected));
  const { from, to } = expected as TimeRange;
  return JSON.stringify(`${timeText(from)} to ${timeText(to)}`);
}

/** A time with microseconds as one with milliseconds, to which Langfuse cuts them; undefined for one that is finer. */
function withoutZeros(stored: unknown): unknown {
  if (typeof stored !== 'string') return stored;
  return stored.length === 26 && stored.endsWith('000') ? stored.slice(0, -3) : undefined;
}
