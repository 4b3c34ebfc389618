import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The worker is killed while completed jobs' rows sit in its buffer. Those jobs are gone from Redis, so nothing runs them
 * again; jobs that were active come back by BullMQ's stalled check. What was only in memory is lost blindly and
 * only S3 still holds it (langfuse#13468: "a successful BullMQ job does not guarantee that data was durably written").
 *
 * The writer's interval is three times the default. The traffic begins when a flush was seen, so the kill comes before the next
 * one and finds rows in the buffer.
 */
export default {
  name: 'worker-killed',
  proves:
    'A killed worker loses the rows in its buffer although their jobs completed, and the S3 replay brings them back.',
  reproduces: 'langfuse#13468',
  ways: ['D4'],
  traffic: { kind: 'generated', rate: 30, duration: 4, maxBatch: 2, maxBytes: 5_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.1' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '3000' },
  },
  timeline: [{ at: 1.8, for: 1, fault: { name: 'killed', on: 'worker' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'rows in the buffer are lost blindly',
      about: 'blind-loss',
      at: 'settled',
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
