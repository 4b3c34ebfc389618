import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The read before the write is skipped, as Langfuse's guide on scaling advises. Then no job notices that ClickHouse is away: each
 * completes with its row in the writer's memory, and the writer drops the row after three attempts. The failed set stays
 * empty however long the outage lasts: all of the loss is blind.
 */
export default {
  name: 'read-skipped',
  proves:
    'With the read before the write skipped, a ClickHouse outage fails no job and loses events blindly, all of which the S3 replay brings back.',
  ways: ['D3'],
  traffic: { kind: 'generated', rate: 20, duration: 6, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_MIN_PROJECT_CREATE_DATE: '2000-01-01',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
    },
  },
  timeline: [{ at: 1, for: 4, fault: { name: 'refused', on: 'worker→clickhouse' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'no job fails', about: 'failed-set', at: 'settled', atMost: 0 },
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
