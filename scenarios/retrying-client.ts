import type { Outcome } from '../src/scenario/outcomes.ts';
import type { Expectation, Scenario } from '../src/scenario/scenario.ts';

function none(outcome: Outcome, text: string): Expectation {
  return { kind: 'must', text, about: 'outcome', outcome, at: 'settled', atMost: 0 };
}

/**
 * A client sends every request again: twenty of them three times side by side, then ten more twice with a second between. Each sending overwrites
 * the objects in S3 with themselves and adds jobs of its own, so every entity is processed several times, also at once. The rows
 * collapse, because they have one key and the same content.
 */
export default {
  name: 'retrying-client',
  proves: 'Requests that a client sends several times are neither lost nor doubled nor altered.',
  traffic: { kind: 'generated', rate: 10, duration: 5, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, send: { name: 'retrying-client', requests: 20, times: 3 } },
    { at: 2, send: { name: 'retrying-client', requests: 10, times: 2, apart: 1 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    none('lost', 'nothing is lost'),
    none('duplicated', 'nothing is doubled'),
    none('altered', 'nothing is altered'),
    none('unexpected', 'nothing appears that was not sent'),
  ],
} satisfies Scenario;
