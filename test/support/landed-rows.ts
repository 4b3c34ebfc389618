import { entityOf, type IngestionEvent } from '../../src/langfuse/events.ts';
import { COLUMNS_OF, type StoredRow } from '../../src/langfuse/stored-row.ts';
import {
  ingestionEvent,
  type ObservationEvent,
  type ScoreEvent,
  type TraceEvent,
} from '../../src/reference/events.ts';
import {
  lastTruthy,
  mergeObservations,
  mergeScores,
  mergeTraces,
  sortByTime,
} from '../../src/reference/worker/merge.ts';
import { finalCosts, finalUsage } from '../../src/reference/worker/usage.ts';
import { observationVersion, scoreVersion, traceVersion } from '../../src/reference/worker/versions.ts';

/** What a column of Langfuse's tables is when nothing was given for it; `null` for the others. */
const EMPTY: Readonly<Record<string, unknown>> = { name: '', bookmarked: false, config_id: null, value: 0 };
const TIMES = ['timestamp', 'start_time', 'end_time', 'completion_start_time', 'event_ts'];
const AMOUNTS = ['provided_usage_details', 'usage_details', 'provided_cost_details', 'cost_details'];

/**
 * The row that the reference pipeline leaves behind for one entity when all of its events are processed at once,
 * in the text forms in which the harness reads it from ClickHouse.
 */
export function landedRow(sent: readonly IngestionEvent[], projectId: string, now: number): StoredRow {
  const events = sent.map((event) => ingestionEvent.parse(event));
  const sorted = sortByTime(events);
  const [first] = sent;
  const key = first && entityOf(first);
  if (!key) throw new RangeError('these events belong to no entity');
  const kind = key.slice(0, key.indexOf('/')) as StoredRow['kind'];
  const entity = { projectId, id: key.slice(kind.length + 1) };
  if (kind === 'score') {
    const versions = (sorted as ScoreEvent[]).map((event) => scoreVersion(event, entity));
    return toStored(kind, { ...mergeScores(versions, now) });
  }
  const bodies = (sorted as (TraceEvent | ObservationEvent)[]).map(({ body }) => body);
  const contents = {
    input: lastTruthy(
      bodies.map(({ input }) => input),
      undefined,
    ),
    output: lastTruthy(
      bodies.map(({ output }) => output),
      undefined,
    ),
  };
  if (kind === 'trace') {
    const versions = (sorted as TraceEvent[]).map((event) => traceVersion(event, entity));
    return toStored(kind, { ...mergeTraces(versions, now), ...contents });
  }
  const versions = (sorted as ObservationEvent[]).map((event) => observationVersion(event, entity, null));
  const merged = mergeObservations(versions, now);
  return toStored(kind, {
    ...merged,
    level: merged.level ?? 'DEFAULT',
    ...contents,
    ...finalUsage(merged.provided_usage_details),
    ...finalCosts(merged.provided_cost_details),
  });
}

function toStored(kind: StoredRow['kind'], row: Record<string, unknown>): StoredRow {
  const columns = COLUMNS_OF[kind].map((column) => [column, storedValue(column, row[column])]);
  return { kind, ...Object.fromEntries(columns) } as StoredRow;
}

function storedValue(column: string, value: unknown): unknown {
  if (value === undefined || value === null) return EMPTY[column] ?? null;
  if (TIMES.includes(column)) {
    return new Date(value as number).toISOString().replace('T', ' ').replace('Z', '');
  }
  if (AMOUNTS.includes(column)) {
    return Object.fromEntries(Object.entries(value).map(([kind, amount]) => [kind, String(amount)]));
  }
  return column === 'total_cost' ? String(value) : value;
}
