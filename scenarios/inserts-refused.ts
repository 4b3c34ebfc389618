import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * ClickHouse has too many parts and refuses every INSERT (252), while it goes on reading and answering. So the read before the write
 * succeeds, every job completes with its row in the writer's memory, and the writer drops the row after three attempts: all that is
 * acknowledged meanwhile is lost blindly, however short the queue is and however healthy everything looks.
 */
export default {
  name: 'inserts-refused',
  proves:
    'While ClickHouse refuses INSERTs and answers reads, everything acknowledged is lost blindly, and the S3 replay brings it back.',
  reproduces: 'langfuse#13468',
  ways: ['D2'],
  traffic: { kind: 'generated', rate: 15, duration: 6, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [{ at: 0.5, for: 5, fault: { name: 'clickhouse-too-many-parts', on: 'clickhouse' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'no job fails', about: 'failed-set', at: 'settled', atMost: 0 },
    { kind: 'shows', text: 'events are lost blindly', about: 'blind-loss', at: 'settled', atLeast: 1 },
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
