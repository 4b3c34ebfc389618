import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * All of Redis is deleted while ClickHouse is away and jobs wait in it for their next attempt: a `FLUSHALL`, a new container without a volume, a
 * Redis without any persistence that was started again. The queue and the failed set are empty afterwards, as if all were well.
 */
export default {
  name: 'redis-flushed',
  proves:
    'When Redis is emptied, every queued job is gone without a trace, and the S3 replay brings all of it back.',
  ways: ['D7'],
  traffic: { kind: 'generated', rate: 15, duration: 6, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.2' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.2',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      // Nothing is dropped by the writer, so that what is missing was lost with Redis.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [
    { at: 0.5, for: 4, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 3.5, for: 0.5, fault: { name: 'redis-flushed', on: 'redis' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'the failed set stays empty',
      about: 'failed-set',
      at: 'settled',
      atMost: 0,
    },
    {
      kind: 'shows',
      text: 'events are lost blindly',
      about: 'blind-loss',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'they are in S3 only, after the retry too',
      about: 'stage',
      stage: 's3-only',
      at: 'after-retry',
      atLeast: 1,
    },
    {
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
