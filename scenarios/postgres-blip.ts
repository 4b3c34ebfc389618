import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The worker can't reach Postgres for a few seconds, where it looks up models, prices and prompts. Up to v3 such a job fails, waits and is
 * run again. v4 in its default write mode `events_only` logs "Failed to create event record", leaves the span out and ends
 * the job as done (`worker/src/queues/otelIngestionQueue.ts` at v4.16.0): no queue and no failed set shows it, and only
 * S3 still holds the span. It is so for a model that the worker has not in its cache yet, so the outage begins with the traffic.
 */
export default {
  name: 'postgres-blip',
  proves: 'An outage of Postgres for the worker, of seconds, loses nothing acknowledged for good.',
  ways: ['D23'],
  traffic: { kind: 'generated', rate: 40, duration: 8, maxBatch: 20, maxBytes: 5_000 },
  settings: { web: { REFERENCE_BACKOFF_SCALE: '0.25' }, worker: { REFERENCE_BACKOFF_SCALE: '0.25' } },
  timeline: [{ at: 0.2, for: 7, fault: { name: 'refused', on: 'worker→postgres' } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
