import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * ClickHouse hangs, so jobs stay active, and the worker is killed twice, as by a container that runs out of memory and is started again. BullMQ takes a job
 * whose worker is gone for stalled and runs it again, once: at the second stall it fails at once with `job stalled more than
 * allowable limit`, though it never failed an attempt and has four left.
 *
 * Here a job counts as stalled 5 s after its worker was killed, instead of 30 to 60 s.
 */
export default {
  name: 'stalled-twice',
  proves:
    'A job whose worker is killed twice fails for good, whatever attempts it has left, and the retry brings it back.',
  ways: ['D6'],
  traffic: { kind: 'generated', rate: 10, duration: 2, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.02' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.02', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 0, for: 12, fault: { name: 'black-hole', on: 'worker→clickhouse', direction: 'upstream' } },
    { at: 3, for: 0.2, fault: { name: 'killed', on: 'worker' } },
    { at: 11.5, for: 0.2, fault: { name: 'killed', on: 'worker' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'jobs that stalled twice are in the failed set',
      about: 'stage',
      stage: 'failed-set',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'the retry brings them back',
      about: 'stage',
      stage: 'failed-set',
      at: 'after-retry',
      atMost: 0,
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
