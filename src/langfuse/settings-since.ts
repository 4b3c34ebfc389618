import { compareVersions } from './profile.ts';

/**
 * First version that reads a variable, for those that a scenario may well want and v3.36.0 does not know: the `env.ts` of
 * `packages/shared/src` and `worker/src`, and `web/src/env.mjs`, at each tag up to v4.16.0.
 */
const SINCE: Readonly<Record<string, string>> = {
  LANGFUSE_S3_CONCURRENT_READS: '3.37.0',
  LANGFUSE_S3_CONCURRENT_WRITES: '3.37.0',
  QUEUE_CONSUMER_DEAD_LETTER_RETRY_QUEUE_IS_ENABLED: '3.53.0',
  CLICKHOUSE_KEEP_ALIVE_IDLE_SOCKET_TTL: '3.59.0',
  CLICKHOUSE_MAX_OPEN_CONNECTIONS: '3.59.0',
  LANGFUSE_INGESTION_QUEUE_SHARD_COUNT: '3.70.0',
  REDIS_CLUSTER_ENABLED: '3.70.0',
  LANGFUSE_S3_LIST_MAX_KEYS: '3.75.2',
  LANGFUSE_SKIP_S3_LIST_FOR_OBSERVATIONS_PROJECT_IDS: '3.76.0',
  REDIS_KEY_PREFIX: '3.85.0',
  LANGFUSE_INGESTION_PROCESSING_SAMPLED_PROJECTS: '3.86.1',
  LANGFUSE_ENABLE_BLOB_STORAGE_FILE_LOG: '3.101.0',
  QUEUE_CONSUMER_OTEL_INGESTION_QUEUE_IS_ENABLED: '3.108.0',
  LANGFUSE_OTEL_INGESTION_QUEUE_PROCESSING_CONCURRENCY: '3.108.0',
  LANGFUSE_OTEL_INGESTION_QUEUE_SHARD_COUNT: '3.108.0',
  REDIS_SENTINEL_ENABLED: '3.128.0',
  CLICKHOUSE_ASYNC_INSERT_MAX_DATA_SIZE: '3.133.0',
  CLICKHOUSE_ASYNC_INSERT_BUSY_TIMEOUT_MS: '3.133.0',
  LANGFUSE_S3_RATE_ERROR_SLOWDOWN_ENABLED: '3.136.0',
  LANGFUSE_S3_RATE_ERROR_SLOWDOWN_TTL_SECONDS: '3.136.0',
  LANGFUSE_MIGRATION_V4_WRITE_MODE: '3.179.0',
  LANGFUSE_MIGRATION_V4_NATIVE_OTEL_BEHAVIOUR: '3.179.0',
};

/** The version from which on a variable is read, where the version given is older than that; undefined otherwise, and where it is not known. */
export function readOnlySince(variable: string, version: string): string | undefined {
  const since = Object.hasOwn(SINCE, variable) ? SINCE[variable] : undefined;
  return since !== undefined && compareVersions(version, since) < 0 ? since : undefined;
}
