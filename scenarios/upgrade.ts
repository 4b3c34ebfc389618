import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * An upgrade and its rollback under traffic. A ClickHouse outage comes first, so that jobs of the old version are waiting, delayed and
 * failed when the new one takes over; if none is, the run is unknown. Then the worker is replaced, and after it the web: what the web makes, the worker must
 * know how to read, so whoever reads comes first. Back it goes the other way round, the web before the worker.
 *
 * Each is told to end as a container is, and started from the other version on the same data; before a web the migrations are applied, as
 * Langfuse's own start of it does. While the web is away its requests are refused a connection: they may or may not have landed.
 *
 * The times leave room for a real Langfuse, whose web takes half a minute to end, migrate and start.
 *
 * The back-off is scaled to a tenth, so that five attempts last 7.5 s. A real Langfuse takes 75 s (155 s from v3.79.0 on): there
 * the outage, and with it the traffic, lasts as much longer.
 */
export default {
  name: 'upgrade',
  proves:
    'Web and worker can be replaced by another version in the middle of the traffic, and put back, and nothing that either acknowledged is lost for good.',
  reproduces: 'langfuse#16346',
  traffic: { kind: 'generated', rate: 8, duration: 150, maxBatch: 4, maxBytes: 3000 },
  settings: {
    // Jobs that start at once overtake each other on a busy machine and lose updates (see `stale-merge`), which is not the point here.
    web: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.1' },
  },
  timeline: [
    { at: 2, for: 13, fault: { name: 'refused', on: 'worker→clickhouse' }, outlastsAttempts: true },
    { at: 16, replace: 'worker', by: 'other', meets: ['waiting', 'failed'] },
    { at: 45, replace: 'web', by: 'other' },
    { at: 95, replace: 'web', by: 'own' },
    { at: 120, replace: 'worker', by: 'own' },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'must',
      text: 'nothing that either version acknowledged is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
