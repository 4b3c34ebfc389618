import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The failed set keeps a fixed number of jobs, 100,000 at v3.36.0 and five here. When a long outage fails more, each newly
 * failed job pushes out the oldest, which is deleted with its data. The set looks like the whole of the damage and is not;
 * retrying it brings back its five and no more.
 */
export default {
  name: 'failed-set-overflow',
  proves:
    'A full failed set forgets older failed jobs: a retry brings back only those it kept, the S3 replay the others.',
  ways: ['D11'],
  traffic: { kind: 'generated', rate: 12, duration: 4, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.02', REFERENCE_FAILED_JOBS_KEPT: '5' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.02',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      // Nothing is dropped by the writer, so that what is in no queue was pushed out of the failed set.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [{ at: 0.5, for: 8, fault: { name: 'refused', on: 'worker→clickhouse' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'the failed set holds what it may hold and no more',
      about: 'failed-set',
      at: 'settled',
      atLeast: 5,
      atMost: 5,
    },
    {
      kind: 'shows',
      text: 'jobs were pushed out of it: blind loss',
      about: 'blind-loss',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'the retry brings back what it kept',
      about: 'outcome',
      outcome: 'recovered-by-retry',
      at: 'after-retry',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'the others are in S3 only',
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
