import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * No fault at all: the ground that every other scenario stands on. If an event is lost, late or altered here,
 * the target (or this harness) is at fault, and no outage is to blame.
 *
 * Jobs wait a second before they start (Langfuse's own default is 5 s, the stack's is none, for speed): jobs that start at once overtake
 * each other on a busy machine, and v3.36.0 then loses an update without any fault (see `stale-merge`). Nothing holds back the jobs that merge a trace
 * from spans, from v3.113.0 on in the write modes `legacy` and `dual`: there this scenario fails now and then, and rightly.
 */
export default {
  name: 'steady-state',
  proves:
    'Without any fault, every acknowledged event lands by itself, in time, with the content that was sent.',
  traffic: { kind: 'generated', rate: 60, duration: 5, maxBatch: 20, maxBytes: 100_000 },
  settings: { web: { LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' } },
  timeline: [],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'nothing is late', about: 'outcome', outcome: 'late', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
