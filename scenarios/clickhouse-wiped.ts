import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * ClickHouse comes back without its data, as after a volume that was not kept (langfuse#10778). What had landed is gone, the tables too, and
 * Langfuse makes them only when the web starts. Until an operator starts it again every read and every write fails; health answers 200.
 * The objects in S3 are untouched: the replay makes every row anew.
 *
 * What was seen and is gone counts as vanished, though it comes back: whoever read in between was told a falsehood.
 */
export default {
  name: 'clickhouse-wiped',
  proves:
    'A ClickHouse that comes back without its data has lost what had landed, no queue shows it, and the S3 replay makes every row anew.',
  reproduces: 'langfuse#10778',
  traffic: { kind: 'generated', rate: 15, duration: 6, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.1' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [{ at: 3, for: 2.5, fault: { name: 'clickhouse-wiped', on: 'clickhouse' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['vanished'],
  expect: [
    {
      kind: 'shows',
      text: 'what had landed is gone, and only S3 has it',
      about: 'stage',
      stage: 's3-only',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'events vanished that had been seen',
      about: 'outcome',
      outcome: 'vanished',
      at: 'after-replay',
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
