import { expect, test } from 'vitest';
import { readWebEnv, readWorkerEnv } from './env.ts';

const required = {
  DATABASE_URL: 'postgresql://localhost/x',
  CLICKHOUSE_URL: 'http://localhost:8123',
  CLICKHOUSE_USER: 'u',
  CLICKHOUSE_PASSWORD: 'p',
  LANGFUSE_S3_EVENT_UPLOAD_BUCKET: 'b',
};

test("the defaults are Langfuse's", () => {
  expect(readWorkerEnv(required)).toMatchObject({
    LANGFUSE_INGESTION_CLICKHOUSE_WRITE_BATCH_SIZE: 10_000,
    LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: 1000,
    LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: 3,
    LANGFUSE_INGESTION_QUEUE_PROCESSING_CONCURRENCY: 20,
    LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: false,
    REFERENCE_BACKOFF_SCALE: 1,
    REFERENCE_FAILED_JOBS_KEPT: 100_000,
  });
  expect(readWebEnv({ ...required, SALT: 's' })).toMatchObject({
    LANGFUSE_INGESTION_QUEUE_DELAY_MS: 15_000,
    LANGFUSE_CACHE_API_KEY_ENABLED: false,
    LANGFUSE_CACHE_API_KEY_TTL_SECONDS: 120,
  });
});

test('an empty string counts as unset', () => {
  expect(readWorkerEnv({ ...required, LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '' })).toMatchObject({
    LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: 3,
  });
  expect(() => readWebEnv({ ...required, SALT: '' })).toThrow('SALT: Required');
});

test('a refused value is named without being shown', () => {
  expect(() => readWorkerEnv({ ...required, CLICKHOUSE_URL: 'secret' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
});
