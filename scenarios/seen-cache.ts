import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The cache of lately seen events is on. A job marks its objects as seen before it reads ClickHouse; that read fails, and at
 * its second attempt the job finds the mark, takes its work for done and completes (langfuse#16017). One failed
 * read is enough, and neither the failed set nor any queue shows it. The replay adds jobs without a file key, which the cache does not stop.
 */
export default {
  name: 'seen-cache',
  proves:
    'With the cache of seen events on, a job that fails once is never made good, and the S3 replay gets past the cache.',
  reproduces: 'langfuse#16017',
  ways: ['D12'],
  traffic: { kind: 'generated', rate: 20, duration: 5, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: 'true',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      // Nothing is dropped by the writer, so that what is missing was skipped.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [{ at: 1, for: 3, fault: { name: 'refused', on: 'worker→clickhouse' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'no job ends in the failed set', about: 'failed-set', at: 'settled', atMost: 0 },
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
