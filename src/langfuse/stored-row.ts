import type { EntityKind } from './events.ts';

/** Table in which ClickHouse keeps the entities of a kind. */
export const TABLE_OF: Readonly<Record<EntityKind, string>> = {
  trace: 'traces',
  observation: 'observations',
  score: 'scores',
};

/** What is read of each table: all that an event can set, and what tells rows apart. Langfuse v3.36.0, migrations 0001–0008. */
export const COLUMNS_OF: Readonly<Record<EntityKind, readonly string[]>> = {
  trace: [
    ...[
      'project_id',
      'id',
      'event_ts',
      'is_deleted',
      'timestamp',
      'name',
      'user_id',
      'session_id',
      'release',
    ],
    ...['version', 'environment', 'public', 'bookmarked', 'tags', 'metadata', 'input', 'output'],
  ],
  observation: [
    ...['project_id', 'id', 'event_ts', 'is_deleted', 'trace_id', 'parent_observation_id', 'type'],
    ...['start_time', 'end_time', 'completion_start_time', 'name', 'environment', 'level', 'status_message'],
    ...['version', 'metadata', 'input', 'output', 'provided_model_name', 'model_parameters'],
    ...['provided_usage_details', 'usage_details', 'provided_cost_details', 'cost_details', 'total_cost'],
    ...['prompt_name', 'prompt_version'],
  ],
  score: [
    ...['project_id', 'id', 'event_ts', 'is_deleted', 'timestamp', 'trace_id', 'observation_id', 'name'],
    ...['value', 'string_value', 'data_type', 'source', 'comment', 'config_id', 'environment'],
  ],
};

/**
 * What is read of `events_full` of v4, migrations 0039 and 0042, under the names that rows of `observations` have where there are such. Its
 * metadata stands in two lists.
 */
export const EVENT_COLUMNS: readonly string[] = [
  ...['project_id', 'span_id AS id', 'event_ts', 'is_deleted', 'trace_id', 'type'],
  ...['parent_span_id AS parent_observation_id', 'start_time', 'end_time', 'completion_start_time', 'name'],
  ...['environment', 'level', 'status_message', 'version', 'release', 'trace_name', 'user_id', 'session_id'],
  ...['tags', 'public', 'bookmarked', 'is_app_root', 'metadata_names', 'metadata_values', 'input', 'output'],
  ...['provided_model_name', 'model_parameters', 'provided_usage_details', 'usage_details'],
  ...['provided_cost_details', 'cost_details', 'prompt_name', 'prompt_version'],
];

/** The key under which `events_full` keeps one row. */
export const EVENT_SORTING_KEY =
  'project_id, toStartOfMinute(start_time), xxHash32(trace_id), span_id, start_time';

/** A row of `events_full` as a row of an observation: metadata in one object, and null where a text is empty, since no text column is nullable. */
export function rowOfEvent(read: Readonly<Record<string, unknown>>): StoredRow {
  const { metadata_names: names, metadata_values: values, ...columns } = read;
  const row: Record<string, unknown> = { kind: 'observation', table: 'events_full' };
  for (const [column, value] of Object.entries(columns)) row[column] = value === '' ? null : value;
  const texts = values as readonly string[];
  row.metadata = Object.fromEntries((names as readonly string[]).map((name, at) => [name, texts[at]]));
  return row as StoredRow;
}

/** The key under which ReplacingMergeTree keeps one row, per table; the same id on two days is two rows. */
export const SORTING_KEY_OF: Readonly<Record<EntityKind, string>> = {
  trace: 'project_id, toDate(timestamp), id',
  observation: 'project_id, type, toDate(start_time), id',
  score: 'project_id, toDate(timestamp), name, id',
};

/**
 * One live or hidden row of ClickHouse, in the text forms of {@link ROW_FORMAT}. Column names are the table's.
 */
export interface StoredRow {
  readonly kind: EntityKind;
  /** Where it is from, if not from the table of its kind. */
  readonly table?: 'events_full';
  readonly project_id: string;
  readonly id: string;
  /** When the worker merged it; the newest wins. */
  readonly event_ts: string;
  readonly is_deleted: number;
  readonly [column: string]: unknown;
}

/**
 * Settings that make the text forms of a row the same on every server, whatever its version and configuration:
 * `JSONEachRow` with 64-bit integers and decimals as text (decimals without trailing zeros), NaN and infinity as
 * text, other numbers as numbers, booleans as booleans, maps as objects, and times as `YYYY-MM-DD hh:mm:ss.mmm`
 * in UTC. All are known to ClickHouse 24.3.
 */
export const ROW_FORMAT = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_decimal_trailing_zeros: 0,
  output_format_json_quote_64bit_floats: 0,
  output_format_json_quote_denormals: 1,
  date_time_output_format: 'simple',
  session_timezone: 'UTC',
} as const;
