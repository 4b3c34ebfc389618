import type { ClickHouse } from './clickhouse.ts';

/** The tables that the worker writes. */
export const TABLES = ['traces', 'scores', 'observations', 'event_log'] as const;
export type Table = (typeof TABLES)[number];

/*
 * Tables of our own making with the facts that matter of Langfuse 3.36.0's (packages/shared/clickhouse/migrations):
 * names and types of the columns, engine, the key that rows are deduplicated by, partitions. An entity whose day
 * changes has two rows, and a row that does not fit a type fails its whole insert.
 */

const TIMES = `
  created_at DateTime64(3) DEFAULT now(),
  updated_at DateTime64(3) DEFAULT now()`;
const VERSIONED = `${TIMES},
  event_ts DateTime64(3),
  is_deleted UInt8,
  INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1`;

const DEFINITIONS: Record<Table, string> = {
  traces: `(
  id String,
  timestamp DateTime64(3),
  name String,
  user_id Nullable(String),
  metadata Map(LowCardinality(String), String),
  release Nullable(String),
  version Nullable(String),
  project_id String,
  environment LowCardinality(String) DEFAULT 'default',
  public Bool,
  bookmarked Bool,
  tags Array(String),
  input Nullable(String) CODEC(ZSTD(3)),
  output Nullable(String) CODEC(ZSTD(3)),
  session_id Nullable(String),${VERSIONED}
) ENGINE = ReplacingMergeTree(event_ts, is_deleted)
PARTITION BY toYYYYMM(timestamp)
PRIMARY KEY (project_id, toDate(timestamp))
ORDER BY (project_id, toDate(timestamp), id)`,

  observations: `(
  id String,
  trace_id String,
  project_id String,
  environment LowCardinality(String) DEFAULT 'default',
  type LowCardinality(String),
  parent_observation_id Nullable(String),
  start_time DateTime64(3),
  end_time Nullable(DateTime64(3)),
  name String,
  metadata Map(LowCardinality(String), String),
  level LowCardinality(String),
  status_message Nullable(String),
  version Nullable(String),
  input Nullable(String) CODEC(ZSTD(3)),
  output Nullable(String) CODEC(ZSTD(3)),
  provided_model_name Nullable(String),
  internal_model_id Nullable(String),
  model_parameters Nullable(String),
  provided_usage_details Map(LowCardinality(String), UInt64),
  usage_details Map(LowCardinality(String), UInt64),
  provided_cost_details Map(LowCardinality(String), Decimal64(12)),
  cost_details Map(LowCardinality(String), Decimal64(12)),
  total_cost Nullable(Decimal64(12)),
  completion_start_time Nullable(DateTime64(3)),
  prompt_id Nullable(String),
  prompt_name Nullable(String),
  prompt_version Nullable(UInt16),${VERSIONED}
) ENGINE = ReplacingMergeTree(event_ts, is_deleted)
PARTITION BY toYYYYMM(start_time)
PRIMARY KEY (project_id, type, toDate(start_time))
ORDER BY (project_id, type, toDate(start_time), id)`,

  scores: `(
  id String,
  timestamp DateTime64(3),
  project_id String,
  environment LowCardinality(String) DEFAULT 'default',
  trace_id String,
  observation_id Nullable(String),
  name String,
  value Float64,
  source String,
  comment Nullable(String) CODEC(ZSTD(1)),
  author_user_id Nullable(String),
  config_id Nullable(String),
  data_type String,
  string_value Nullable(String),
  queue_id Nullable(String),${VERSIONED}
) ENGINE = ReplacingMergeTree(event_ts, is_deleted)
PARTITION BY toYYYYMM(timestamp)
PRIMARY KEY (project_id, toDate(timestamp), name)
ORDER BY (project_id, toDate(timestamp), name, id)`,

  event_log: `(
  id String,
  project_id String,
  entity_type String,
  entity_id String,
  event_id Nullable(String),
  bucket_name String,
  bucket_path String,${TIMES}
) ENGINE = MergeTree
ORDER BY (project_id, entity_type, entity_id)`,
};

/** Makes the tables that are missing. */
export async function createTables(clickhouse: ClickHouse): Promise<void> {
  for (const table of TABLES) {
    await clickhouse.command(`CREATE TABLE IF NOT EXISTS ${table} ${DEFINITIONS[table]}`);
  }
}
