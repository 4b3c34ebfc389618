import type { Outcome } from '../src/scenario/outcomes.ts';
import type { Expectation, Scenario } from '../src/scenario/scenario.ts';

function none(outcome: Outcome, text: string): Expectation {
  return { kind: 'must', text, about: 'outcome', outcome, at: 'settled', atMost: 0 };
}

/**
 * Content and times at the edge of what the API takes. Langfuse v3.36.0 keeps every row and not all of the content: an input or output of
 * `0`, `false` or `''` is not stored, a null wipes out a name, an update makes a public trace private. That is how it
 * merges, so no event counts as altered: the checker's model says for each row what is kept. Times that are null become the envelope's, and
 * ClickHouse up to 26.7 stores the years 1 and 9999.
 *
 * ClickHouse 26.8 and later read the worker's times as seconds (langfuse PR 16892): every time is then altered, and
 * so is every row of this run and any other.
 */
export default {
  name: 'odd-content',
  proves:
    'Falsy content, explicit nulls and odd times land as v3.36.0 merges them: no row is lost, doubled or other than that.',
  ways: ['D21', 'D22'],
  traffic: { kind: 'generated', rate: 20, duration: 4, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, send: { name: 'falsy-content' } },
    { at: 2, send: { name: 'odd-times' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    none('lost', 'no row is lost'),
    none('altered', 'every row is what the merge makes of its events'),
    none('duplicated', 'no row is doubled'),
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
