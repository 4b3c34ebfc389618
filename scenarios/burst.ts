import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Four hundred events in sixteen requests arrive in one moment, as when a client's buffer is flushed after its network was
 * away. The queue takes them, and they land by themselves; the traffic beside them is not harmed.
 */
export default {
  name: 'burst',
  proves: 'A burst of events is taken, and all of it lands by itself.',
  traffic: { kind: 'generated', rate: 10, duration: 4, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    // Jobs that start at once overtake each other on a busy machine and lose updates (see `stale-merge`), which is not the point here.
    web: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [{ at: 1.5, send: { name: 'burst', events: 400 } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
