import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Redis is full and evicts what was used least lately, as it does where it was set up as a cache. ClickHouse is away at the time, so jobs wait
 * in it for their next attempt, and some of their data is evicted: those jobs never run again, and neither a queue nor a log says so.
 */
export default {
  name: 'redis-evicting',
  proves:
    'A Redis that evicts loses queued jobs without a word, and the S3 replay brings back what they were for.',
  ways: ['D10'],
  traffic: { kind: 'generated', rate: 15, duration: 6, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.2' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.2',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      // Nothing is dropped by the writer, so that what is missing was evicted.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [
    { at: 0.5, for: 4, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 3, for: 1, fault: { name: 'redis-full-evicting', on: 'redis' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
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
