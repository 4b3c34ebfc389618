import type { Scenario } from '../src/scenario/scenario.ts';

/** A short run with faults of both kinds, on a link and of a process, to be killed at any moment. */
export default {
  name: 'short-outage',
  proves: 'Nothing: it is there to be killed.',
  traffic: { kind: 'generated', rate: 20, duration: 6, maxBatch: 5, maxBytes: 1000 },
  timeline: [
    { at: 0.5, for: 5, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 1, for: 4, fault: { name: 'killed', on: 'web' } },
  ],
  recovery: ['replay from S3'],
  expect: [],
  settings: { web: { REFERENCE_BACKOFF_SCALE: '0.1' }, worker: { REFERENCE_BACKOFF_SCALE: '0.1' } },
} satisfies Scenario;
