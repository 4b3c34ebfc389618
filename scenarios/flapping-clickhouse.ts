import type { FaultStep, Scenario } from '../src/scenario/scenario.ts';

/** Away for 2 s, there for 0.6 s. */
const away = (at: number): FaultStep => ({
  at,
  for: 2,
  fault: { name: 'refused', on: 'worker→clickhouse' },
});

/**
 * ClickHouse comes and goes. Each outage is short enough for the back-off: jobs that fail are run again, and the failed set
 * stays empty. But each outage is also long enough for the writer's three attempts, 500 ms apart here, so each drops what was in its
 * memory, and after each short return there is something in it again.
 */
export default {
  name: 'flapping-clickhouse',
  proves:
    'A ClickHouse that comes and goes loses events each time it goes, though no job ever uses up its attempts; the S3 replay brings them back.',
  reproduces: 'langfuse#13468',
  ways: ['D2'],
  traffic: { kind: 'generated', rate: 30, duration: 8, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.1' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.1',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '500',
    },
  },
  timeline: [away(0.5), away(3.1), away(5.7)],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'the failed set stays empty', about: 'failed-set', at: 'settled', atMost: 0 },
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
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
