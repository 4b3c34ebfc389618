import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The failed jobs are retried while ClickHouse is still away. A retried job has one run, without back-off, and is back in the failed set
 * at once: nothing is gained. The harness's own retry tries twenty jobs first, sees all of them fail again and leaves the others alone.
 * Once ClickHouse is back the same step brings back everything.
 */
export default {
  name: 'retry-too-early',
  proves:
    'Retrying failed jobs while ClickHouse is still away brings nothing back and loses nothing; retrying them afterwards brings back all.',
  reproduces: 'langfuse#6380',
  ways: ['D1'],
  traffic: { kind: 'generated', rate: 15, duration: 3, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.02' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.02',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      // Nothing is dropped by the writer, so that the retry can bring back all.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [
    { at: 0.5, for: 8.5, fault: { name: 'refused', on: 'worker→clickhouse' }, outlastsAttempts: true },
    { at: 7, recover: 'retry failed jobs' },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'the early retry leaves the jobs in the failed set',
      about: 'stage',
      stage: 'failed-set',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'must',
      text: 'no failed job is lost by the early retry',
      about: 'blind-loss',
      at: 'settled',
      atMost: 0,
    },
    {
      kind: 'must',
      text: 'nothing is missing after the retry',
      about: 'missing',
      at: 'after-retry',
      atMost: 0,
    },
  ],
} satisfies Scenario;
