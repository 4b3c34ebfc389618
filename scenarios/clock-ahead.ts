import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The worker's clock is an hour ahead for a few seconds, as after a clock step on its host. `event_ts`, by which ClickHouse tells
 * the newest row of an entity, is the time of the processing: rows of those seconds win over everything that is
 * processed in the hour that follows. Updates that come later are merged, inserted, and never seen; the replay
 * writes rows that lose again.
 */
export default {
  name: 'clock-ahead',
  proves:
    'Rows that a worker with a clock ahead has written hide every later update for as long as it was ahead, and no replay helps before.',
  traffic: { kind: 'generated', rate: 10, duration: 9, maxBatch: 5, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, for: 4, fault: { name: 'clock-skew', on: 'worker', offsetSeconds: 3600 } },
    { at: 1.5, send: { name: 'racing-updates', entities: 10, every: 0.1, after: 6 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['lost', 'vanished'],
  expect: [
    { kind: 'shows', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
    { kind: 'shows', text: 'later updates are not seen', about: 'missing', at: 'settled', atLeast: 1 },
    {
      kind: 'shows',
      text: 'the replay does not make them seen',
      about: 'missing',
      at: 'after-replay',
      atLeast: 1,
    },
  ],
} satisfies Scenario;
