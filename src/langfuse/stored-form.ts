import {
  type ExpectedObservation,
  type ExpectedRow,
  type ExpectedScore,
  type ExpectedTrace,
  type Prompt,
  RANDOM_ID,
  type TimeRange,
} from './expected-row.ts';
import type { ExpectedSpan } from './expected-span.ts';
import type { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import type { StoredRow } from './stored-row.ts';
import { spanDifferences, spanHolds } from './stored-span.ts';
import { parseTime } from './time-text.ts';
import type { Amounts } from './usage.ts';

/** Whether a row holds what is expected in every compared column. */
export function rowHolds(row: StoredRow, expected: ExpectedRow | ExpectedSpan): boolean {
  if (expected.kind === 'span') return spanHolds(row, expected);
  if (row.table === 'events_full') return false;
  if (expected.kind === 'observation') return observationHolds(row, expected);
  return expected.kind === 'trace' ? traceHolds(row, expected) : scoreHolds(row, expected);
}

/* Each column by its name, not in a loop over names: this runs once per row of a run, and so is ten times as fast. */

function traceHolds(row: StoredRow, expected: ExpectedTrace): boolean {
  return (
    sameTime(row.timestamp, expected.timestamp) &&
    row.environment === expected.environment &&
    row.name === expected.name &&
    row.user_id === expected.user_id &&
    row.session_id === expected.session_id &&
    row.release === expected.release &&
    row.version === expected.version &&
    row.public === expected.public &&
    sameTexts(row.tags, expected.tags) &&
    sameMetadata(row.metadata, expected.metadata) &&
    row.input === expected.input &&
    row.output === expected.output
  );
}

function observationHolds(row: StoredRow, expected: ExpectedObservation): boolean {
  return (
    sameTime(row.start_time, expected.start_time) &&
    row.environment === expected.environment &&
    sameId(row.trace_id, expected.trace_id) &&
    row.type === expected.type &&
    row.name === expected.name &&
    row.parent_observation_id === expected.parent_observation_id &&
    sameTime(row.end_time, expected.end_time) &&
    sameTime(row.completion_start_time, expected.completion_start_time) &&
    row.level === expected.level &&
    row.status_message === expected.status_message &&
    row.version === expected.version &&
    sameMetadata(row.metadata, expected.metadata) &&
    row.input === expected.input &&
    row.output === expected.output &&
    row.provided_model_name === expected.provided_model_name &&
    row.model_parameters === expected.model_parameters &&
    sameAmounts(row.provided_usage_details, expected.provided_usage_details) &&
    sameAmounts(row.usage_details, expected.usage_details) &&
    sameAmounts(row.provided_cost_details, expected.provided_cost_details) &&
    sameAmounts(row.cost_details, expected.cost_details) &&
    sameTotal(row.total_cost, expected.total_cost) &&
    samePrompt(row.prompt_name, row.prompt_version, expected.prompt_name)
  );
}

function scoreHolds(row: StoredRow, expected: ExpectedScore): boolean {
  return (
    sameTime(row.timestamp, expected.timestamp) &&
    row.environment === expected.environment &&
    row.trace_id === expected.trace_id &&
    row.observation_id === expected.observation_id &&
    row.name === expected.name &&
    row.value === expected.value &&
    row.string_value === expected.string_value &&
    row.data_type === expected.data_type &&
    row.source === expected.source &&
    row.comment === expected.comment
  );
}

/** A place in a row and what is stored and expected there, as JSON texts; undefined for what is absent. */
export interface Difference {
  readonly field: string;
  readonly stored: string | undefined;
  readonly expected: string | undefined;
}

/** Where a row differs from what is expected; of metadata each key is a place of its own. */
export function rowDifferences(row: StoredRow, expected: ExpectedRow | ExpectedSpan): Difference[] {
  if (expected.kind === 'span') return spanDifferences(row, expected);
  const differences: Difference[] = [];
  for (const [column, value] of Object.entries(expected)) {
    if (column === 'kind' || columnHolds(row, column, value)) continue;
    if (column === 'metadata' && isMap(row.metadata)) {
      differences.push(...metadataDifferences(row.metadata, value as MergedMetadata));
    } else {
      differences.push({ field: column, stored: storedText(row, column), expected: textOf(column, value) });
    }
  }
  return differences;
}

const TIMES = ['timestamp', 'start_time', 'end_time', 'completion_start_time'];

function columnHolds(row: StoredRow, column: string, expected: unknown): boolean {
  const stored = row[column];
  if (TIMES.includes(column)) return sameTime(stored, expected as number | TimeRange | null);
  if (column.endsWith('_details')) return sameAmounts(stored, expected as Amounts);
  switch (column) {
    case 'metadata':
      return sameMetadata(stored, expected as MergedMetadata);
    case 'tags':
      return sameTexts(stored, expected as readonly string[]);
    case 'total_cost':
      return sameTotal(stored, expected as number | null);
    case 'prompt_name':
      return samePrompt(stored, row.prompt_version, expected as readonly Prompt[]);
    default:
      return sameId(stored, expected as string);
  }
}

/** DateTime64(3) in UTC. */
export function sameTime(stored: unknown, expected: number | TimeRange | null): boolean {
  if (expected === null) return stored === null;
  const time = parseTime(stored);
  return typeof expected === 'number' ? time === expected : time >= expected.from && time <= expected.to;
}

function isMap(stored: unknown): stored is Readonly<Record<string, unknown>> {
  return typeof stored === 'object' && stored !== null && !Array.isArray(stored);
}

/** Map(String, String). */
export function sameMetadata(stored: unknown, expected: MergedMetadata): boolean {
  return isMap(stored) && expected.isStoredAs(stored);
}

/** Each key of metadata that is not as expected. */
export function metadataDifferences(stored: object, { keys, values }: MergedMetadata): Difference[] {
  const found = new Map(Object.entries(stored));
  const expected = new Map(keys.map((key, at) => [key, values[at]]));
  const differences: Difference[] = [];
  for (const key of new Set([...keys, ...found.keys()])) {
    if (found.get(key) === expected.get(key)) continue;
    differences.push({
      field: `metadata.${key}`,
      stored: JSON.stringify(found.get(key)),
      expected: JSON.stringify(expected.get(key)),
    });
  }
  return differences;
}

/** Array(String), sorted by the target. */
export function sameTexts(stored: unknown, expected: readonly string[]): boolean {
  if (!Array.isArray(stored) || stored.length !== expected.length) return false;
  for (let at = 0; at < expected.length; at += 1) if (stored[at] !== expected[at]) return false;
  return true;
}

/** Map(String, UInt64) or Map(String, Decimal64(12)); both come as text. */
export function sameAmounts(stored: unknown, expected: Amounts | typeof NOT_COMPARED): boolean {
  if (expected === NOT_COMPARED) return true;
  if (!isMap(stored)) return false;
  let extra = 0;
  for (const _ in stored) extra += 1;
  for (const kind in expected) {
    if (!sameAmount(stored[kind], expected[kind] as number)) return false;
    extra -= 1;
  }
  return extra === 0;
}

/** Nullable(Decimal64(12)). */
function sameTotal(stored: unknown, expected: number | null | typeof NOT_COMPARED): boolean {
  if (expected === NOT_COMPARED) return true;
  return expected === null ? stored === null : sameAmount(stored, expected);
}

/** A decimal keeps 12 places and cuts off the rest; beyond that only the number's own rounding is allowed. */
function sameAmount(stored: unknown, expected: number): boolean {
  if ((typeof stored !== 'string' || stored === '') && typeof stored !== 'number') return false;
  const amount = Number(stored);
  return amount === expected || Math.abs(amount - expected) <= 1e-12 + Math.abs(expected) * Number.EPSILON;
}

/** Null where the target does not know the prompt; otherwise one that an event names, name and version together. */
export function samePrompt(name: unknown, version: unknown, expected: readonly Prompt[]): boolean {
  if (name === null && version === null) return true;
  return expected.some(([knownName, knownVersion]) => name === knownName && version === knownVersion);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function sameId(stored: unknown, expected: string | typeof RANDOM_ID): boolean {
  return stored === expected || (expected === RANDOM_ID && typeof stored === 'string' && UUID.test(stored));
}

function storedText(row: StoredRow, column: string): string | undefined {
  return JSON.stringify(column === 'prompt_name' ? [row.prompt_name, row.prompt_version] : row[column]);
}

function textOf(column: string, expected: unknown): string | undefined {
  if (typeof expected === 'symbol') return JSON.stringify(expected.description);
  if (column === 'prompt_name') return JSON.stringify([[null, null], ...(expected as readonly Prompt[])]);
  if (!TIMES.includes(column) || expected === null) return JSON.stringify(expected);
  if (typeof expected === 'number') return JSON.stringify(timeText(expected));
  const { from, to } = expected as TimeRange;
  return JSON.stringify(`${timeText(from)} to ${timeText(to)}`);
}

/** As ClickHouse writes it. */
export function timeText(time: number): string {
  return Number.isNaN(time) ? 'no time' : new Date(time).toISOString().replace('T', ' ').replace('Z', '');
}
