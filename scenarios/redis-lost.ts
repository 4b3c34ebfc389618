import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Redis is killed, and it keeps no append-only file: as in Langfuse's docker-compose.yml it only saves a snapshot now and then,
 * the last of them before the traffic. ClickHouse is away at the time, so jobs are waiting for their next attempt: all of them are gone. The
 * failed set is empty, the queue is empty, health is fine, and only S3 knows.
 */
export default {
  name: 'redis-lost',
  proves:
    'Redis without an append-only file loses every queued job in a crash, without a trace in the failed set, and the S3 replay brings all of it back.',
  ways: ['D8'],
  redisAppendOnly: false,
  traffic: { kind: 'generated', rate: 15, duration: 7, maxBatch: 5, maxBytes: 2000 },
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
    { at: 0.5, for: 4.5, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 3.5, for: 0.5, fault: { name: 'killed', on: 'redis' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'the failed set stays empty', about: 'failed-set', at: 'settled', atMost: 0 },
    { kind: 'shows', text: 'events are lost blindly', about: 'blind-loss', at: 'settled', atLeast: 1 },
    {
      kind: 'shows',
      text: 'the retry brings nothing back',
      about: 'outcome',
      outcome: 'recovered-by-retry',
      at: 'after-retry',
      atMost: 0,
    },
    {
      kind: 'shows',
      text: 'they are in S3 only',
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
