import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The worker is told to stop (SIGTERM) while ClickHouse is away. It writes what is in its memory once; that fails, the rows go
 * back into memory, and the process ends. Their jobs are complete, so nothing shows it.
 *
 * The settings are those that keep events through an outage as long as the worker runs: no read before the write, and a
 * thousand attempts. So everything acknowledged during the outage is in memory, nothing is dropped before the stop, and the stop takes
 * it all.
 */
export default {
  name: 'shutdown-while-down',
  proves:
    'Stopping the worker in good order while ClickHouse is away loses what is in its memory, without a trace; the S3 replay brings it back.',
  ways: ['D5'],
  traffic: { kind: 'generated', rate: 15, duration: 6, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.1' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.1',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_MIN_PROJECT_CREATE_DATE: '2000-01-01',
    },
  },
  timeline: [
    { at: 0.5, for: 6.5, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 3, for: 2.5, fault: { name: 'terminated', on: 'worker', graceSeconds: 2 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'no job fails',
      about: 'failed-set',
      at: 'settled',
      atMost: 0,
    },
    {
      kind: 'shows',
      text: 'what was in memory is lost blindly',
      about: 'blind-loss',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'it is in S3 only, after the retry too',
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
