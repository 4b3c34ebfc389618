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
