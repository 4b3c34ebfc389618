import type { ObservationRow, ScoreRow, TraceRow } from './rows.ts';

/*
 * How several versions of an entity become one (worker/src/services/IngestionService at v3.36.0): the row that is
 * stored, if any, then the events by time, each laid over what came before.
 */

/** What the first version fixes; later ones can't change it. */
const FIXED = {
  trace: ['id', 'project_id', 'timestamp', 'created_at', 'environment'],
  observation: ['id', 'project_id', 'trace_id', 'start_time', 'created_at', 'environment'],
  score: ['id', 'project_id', 'timestamp', 'trace_id', 'created_at', 'environment'],
} as const;

/** Events by envelope timestamp; of two at one time the one whose type contains `create` goes first. */
export function sortByTime<Event extends { timestamp: string; type: string }>(
  events: readonly Event[],
): Event[] {
  return events.toSorted((a, b) => {
    const difference = Date.parse(a.timestamp) - Date.parse(b.timestamp);
    if (difference !== 0) return difference;
    // As there: not a consistent order for two creates at one time, of which the later in the list comes first.
    return a.type.includes('create') ? -1 : 1;
  });
}

/** Merges the versions of a trace. @param now time of processing, milliseconds: the newest processing wins */
export function mergeTraces(versions: readonly TraceRow[], now: number): TraceRow {
  const merged = merge(versions, FIXED.trace, now);
  return { ...merged, metadata: stringifyValues(merged.metadata) };
}

/** Merges the versions of an observation; one that ended before it began ends when it began. */
export function mergeObservations(versions: readonly ObservationRow[], now: number): ObservationRow {
  const merged = merge(versions, FIXED.observation, now);
  const { start_time, end_time } = merged;
  return {
    ...merged,
    metadata: stringifyValues(merged.metadata),
    end_time: end_time && end_time < start_time ? start_time : end_time,
  };
}

/** Merges the versions of a score. */
export function mergeScores(versions: readonly ScoreRow[], now: number): ScoreRow {
  return merge(versions, FIXED.score, now);
}

/** Last value that is neither `0`, `false`, `''` nor missing, as text; the stored one if no event has any. */
export function lastTruthy(
  values: readonly unknown[],
  stored: string | null | undefined,
): string | undefined {
  const value = values.findLast(Boolean) ?? stored;
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Metadata as a record: a text, a number or an array comes under the key `metadata`. */
export function toRecord(metadata: unknown): Record<string, unknown> {
  if (!metadata) return {};
  if (typeof metadata === 'string' || typeof metadata === 'number') return { metadata: String(metadata) };
  if (Array.isArray(metadata)) return { metadata: JSON.stringify(metadata) };
  return metadata as Record<string, unknown>;
}

/** Lays `source` over `target`: objects key by key, arrays index by index, everything else replaced, null included. */
export function deepMerge(target: unknown, source: unknown): unknown {
  if (source === undefined) return target;
  if (Array.isArray(source)) {
    const below: unknown[] = Array.isArray(target) ? target : [];
    const longest = Math.max(below.length, source.length);
    return Array.from({ length: longest }, (_, index) => deepMerge(below[index], source[index]));
  }
  if (typeof source !== 'object' || source === null) return source;
  const below = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>;
  const over = Object.entries(source).map(([key, value]) => [key, deepMerge(below[key], value)]);
  return { ...below, ...Object.fromEntries(over) };
}

type Version = Record<string, unknown>;

function merge<Row extends { id: string; project_id: string }>(
  versions: readonly Row[],
  fixed: readonly string[],
  now: number,
): Row {
  const merged = versions.reduce<Version>((below, version) => overlay(below, { ...version }, fixed), {});
  return { ...merged, event_ts: now } as unknown as Row;
}

function overlay(below: Version, over: Version, fixed: readonly string[]): Version {
  const result: Version = { ...below };
  for (const [column, value] of Object.entries(over)) {
    const has = result[column] !== undefined;
    if (value === undefined || (has && (fixed.includes(column) || isEmpty(value)))) continue;
    result[column] = value;
  }
  if (below.metadata && over.metadata) result.metadata = deepMerge(below.metadata, over.metadata);
  if ('tags' in result) {
    const tags = [...asTags(below.tags), ...asTags(over.tags)];
    result.tags = [...new Set(tags)].sort();
  }
  return result;
}

/** An empty object or array; null is not empty, it overwrites. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const asTags = (value: unknown) => (Array.isArray(value) ? value : []);

/** @throws Error for metadata that is a bare `true`, which the API lets through */
function stringifyValues(metadata: unknown): Record<string, string> {
  if (typeof metadata !== 'object' || metadata === null) {
    throw new Error(`Expected object, received ${typeof metadata}`);
  }
  const entries = Object.entries(metadata).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(entries);
}
