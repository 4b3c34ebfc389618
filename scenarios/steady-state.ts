import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * No fault at all: the ground that every other scenario stands on. If an event is lost, late or altered here,
 * the target (or this harness) is at fault, and no outage is to blame.
 */
export default {
  name: 'steady-state',
  proves:
    'Without any fault, every acknowledged event lands by itself, in time, with the content that was sent.',
  traffic: { kind: 'generated', rate: 60, duration: 5, maxBatch: 20, maxBytes: 100_000 },
  timeline: [],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'nothing is late', about: 'outcome', outcome: 'late', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
