import type { EntityKind } from './events.ts';
import {
  COMPARED_COLUMNS,
  type Expected,
  NOT_COMPARED,
  type Prompt,
  RANDOM_ID,
  type TimeRange,
} from './expected-row.ts';
import type { MergedMetadata } from './merge-metadata.ts';
import type { StoredRow } from './stored-row.ts';
import { parseTime } from './time-text.ts';
import type { Amounts } from './usage.ts';

/** How the value of a column is stored, and so how it is compared. Text unless listed. */
const FORMS = {
  timestamp: 'time',
  start_time: 'time',
  end_time: 'time',
  completion_start_time: 'time',
  tags: 'texts',
  metadata: 'metadata',
  value: 'number',
  provided_usage_details: 'amounts',
  usage_details: 'amounts',
  provided_cost_details: 'amounts',
  cost_details: 'amounts',
  total_cost: 'decimal',
  prompt_name: 'prompt',
} as const satisfies Partial<Record<string, string>>;
type Form = (typeof FORMS)[keyof typeof FORMS] | 'text';

const COLUMNS: Readonly<Record<EntityKind, readonly (readonly [column: string, form: Form])[]>> = {
  trace: COMPARED_COLUMNS.trace.map(withForm),
  observation: COMPARED_COLUMNS.observation.map(withForm),
  score: COMPARED_COLUMNS.score.map(withForm),
};

function withForm(column: string): readonly [string, Form] {
  return [column, FORMS[column as keyof typeof FORMS] ?? 'text'];
}

/** Whether a row holds what `expectedRow` says, in every compared column. */
export function rowHolds(row: StoredRow, expected: readonly Expected[]): boolean {
  const columns = COLUMNS[row.kind];
  for (let at = 0; at < columns.length; at += 1) {
    const [column, form] = columns[at] as (typeof columns)[number];
    if (!columnHolds(form, row, column, expected[at] as Expected)) return false;
  }
  return true;
}

/** A place in a row and what is stored and expected there, as JSON texts; undefined for what is absent. */
export interface Difference {
  readonly field: string;
  readonly stored: string | undefined;
  readonly expected: string | undefined;
}

/** Where a row differs from what `expectedRow` says; of metadata each key is a place of its own. */
export function rowDifferences(row: StoredRow, expected: readonly Expected[]): Difference[] {
  const differences: Difference[] = [];
  for (const [at, [column, form]] of COLUMNS[row.kind].entries()) {
    const value = expected[at] as Expected;
    if (columnHolds(form, row, column, value)) continue;
    const parts = form === 'metadata' ? metadataDifferences(row[column], value as MergedMetadata) : [];
    if (parts.length > 0) differences.push(...parts);
    else
      differences.push({
        field: column,
        stored: storedText(form, row, column),
        expected: textOf(form, value),
      });
  }
  return differences;
}

function columnHolds(form: Form, row: StoredRow, column: string, expected: Expected): boolean {
  const stored = row[column];
  switch (form) {
    case 'text':
      return stored === expected || (expected === RANDOM_ID && isUuid(stored));
    case 'time':
      return sameTime(stored, expected as number | TimeRange | null);
    case 'metadata':
      return sameMetadata(stored, expected as MergedMetadata);
    case 'texts':
      return sameTexts(stored, expected as readonly string[]);
    case 'number':
      return typeof stored === 'number' && stored === expected;
    case 'amounts':
      return expected === NOT_COMPARED || sameAmounts(stored, expected as Amounts);
    case 'decimal':
      return (
        expected === NOT_COMPARED ||
        (expected === null ? stored === null : sameAmount(stored, expected as number))
      );
    case 'prompt':
      return samePrompt(stored, row.prompt_version, expected as readonly Prompt[]);
  }
}

/** DateTime64(3) in UTC. */
function sameTime(stored: unknown, expected: number | TimeRange | null): boolean {
  if (expected === null) return stored === null;
  const time = parseTime(stored);
  return typeof expected === 'number' ? time === expected : time >= expected.from && time <= expected.to;
}

/** Map(String, String). */
function sameMetadata(stored: unknown, { keys, values }: MergedMetadata): boolean {
  if (typeof stored !== 'object' || stored === null) return false;
  let extra = keys.length;
  for (const _ in stored) extra -= 1;
  if (extra !== 0) return false;
  for (let at = 0; at < keys.length; at += 1) {
    if ((stored as Record<string, unknown>)[keys[at] as string] !== values[at]) return false;
  }
  return true;
}

function metadataDifferences(stored: unknown, { keys, values }: MergedMetadata): Difference[] {
  if (typeof stored !== 'object' || stored === null) return [];
  const found = new Map(Object.entries(stored));
  const expected = new Map(keys.map((key, at) => [key, values[at]]));
  const differences: Difference[] = [];
  for (const key of new Set([...keys, ...found.keys()])) {
    if (found.get(key) === expected.get(key)) continue;
    differences.push({
      field: `metadata.${key}`,
      stored: json(found.get(key)),
      expected: json(expected.get(key)),
    });
  }
  return differences;
}

/** Array(String), sorted by the target. */
function sameTexts(stored: unknown, expected: readonly string[]): boolean {
  if (!Array.isArray(stored) || stored.length !== expected.length) return false;
  for (let at = 0; at < expected.length; at += 1) if (stored[at] !== expected[at]) return false;
  return true;
}

/** Map(String, UInt64) or Map(String, Decimal64(12)); both come as text. */
function sameAmounts(stored: unknown, expected: Amounts): boolean {
  if (typeof stored !== 'object' || stored === null) return false;
  let extra = 0;
  for (const _ in stored) extra += 1;
  for (const kind in expected) {
    if (!sameAmount((stored as Record<string, unknown>)[kind], expected[kind] as number)) return false;
    extra -= 1;
  }
  return extra === 0;
}

/** A decimal keeps 12 places and cuts off the rest; beyond that only the number's own rounding is allowed. */
function sameAmount(stored: unknown, expected: number): boolean {
  if ((typeof stored !== 'string' || stored === '') && typeof stored !== 'number') return false;
  const amount = Number(stored);
  return amount === expected || Math.abs(amount - expected) <= 1e-12 + Math.abs(expected) * Number.EPSILON;
}

/** Null where the target does not know the prompt; otherwise one that an event names, name and version together. */
function samePrompt(name: unknown, version: unknown, expected: readonly Prompt[]): boolean {
  if (name === null && version === null) return true;
  return expected.some(([knownName, knownVersion]) => name === knownName && version === knownVersion);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function isUuid(stored: unknown): boolean {
  return typeof stored === 'string' && UUID.test(stored);
}

function storedText(form: Form, row: StoredRow, column: string): string | undefined {
  return json(form === 'prompt' ? [row.prompt_name, row.prompt_version] : row[column]);
}

function textOf(form: Form, expected: Expected): string | undefined {
  if (typeof expected === 'symbol') return json(expected.description);
  if (form === 'prompt') return json([[null, null], ...(expected as readonly Prompt[])]);
  if (form !== 'time' || expected === null) return json(expected);
  if (typeof expected === 'number') return json(timeText(expected));
  const { from, to } = expected as TimeRange;
  return json(`${timeText(from)} to ${timeText(to)}`);
}

/** As ClickHouse writes it. */
function timeText(time: number): string {
  return Number.isNaN(time) ? 'no time' : new Date(time).toISOString().replace('T', ' ').replace('Z', '');
}

function json(value: unknown): string | undefined {
  return JSON.stringify(value);
}
