import type { Scenario } from '../src/scenario/scenario.ts';

/** Each in a month of its own. */
const TRACES = 210;

/**
 * A backfill of 210 traces of as many months. Each is fine by itself; but a month is a partition, and ClickHouse refuses an INSERT
 * into more than 100 of them, so the worker drops whatever is in it after three attempts. The jobs are complete and the failed set
 * is empty. The replay goes in slices of fewer months, each written before the next, and so brings all of them back.
 *
 * The worker's interval is four and a half times the default, so that its buffer holds rows of more than 100 months on a slow machine too.
 */
export default {
  name: 'too-many-months',
  proves:
    'Rows of more than 100 months in one INSERT are dropped with all others in it, and a replay in slices brings them back.',
  reproduces: 'langfuse#13468',
  ways: ['D13'],
  traffic: { kind: 'generated', rate: 10, duration: 4, maxBatch: 5, maxBytes: 1_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '4500' },
  },
  timeline: [{ at: 1, send: { name: 'hundred-months', months: TRACES } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'the failed set stays empty', about: 'failed-set', at: 'settled', atMost: 0 },
    {
      kind: 'shows',
      text: 'more than 100 traces are lost blindly',
      about: 'blind-loss',
      at: 'after-retry',
      atLeast: 101,
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
