import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The worker is stopped in good order (SIGTERM) and started again, again and again, under load and with everything else there: an update as it is
 * meant to be. It ends its active jobs and writes what is in its memory; new jobs wait in Redis. It never ends by itself,
 * so each time the orchestrator's grace runs out and it is killed, by then with nothing left in it.
 */
export default {
  name: 'worker-rolling-restart',
  proves:
    'Stopping the worker in good order while everything else is there loses nothing, and all of it lands by itself.',
  traffic: { kind: 'generated', rate: 15, duration: 8, maxBatch: 5, maxBytes: 2000 },
  settings: {
    // Jobs that start at once overtake each other on a busy machine and lose updates (see `stale-merge`), which is not the point here.
    web: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 0.5, for: 7, fault: { name: 'restart-loop', on: 'worker', periodSeconds: 1, graceSeconds: 3 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
