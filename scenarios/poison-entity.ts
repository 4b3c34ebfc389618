import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Two events that the API takes and the worker can't process: a score that names a config which does not exist, and a trace
 * whose metadata is a bare `true`. Their jobs fail at every attempt and lie in the failed set; retrying them does not help as long as the
 * cause is there. Nobody else is harmed.
 */
export default {
  name: 'poison-entity',
  proves:
    'An entity that the worker cannot process is acknowledged, ends in the failed set, and no retry brings it back before its cause is mended.',
  ways: ['D14'],
  traffic: { kind: 'generated', rate: 20, duration: 5, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.02' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.02', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, send: { name: 'unknown-score-config' } },
    { at: 2, send: { name: 'boolean-metadata' } },
  ],
  recovery: ['retry failed jobs'],
  failsOnV3360With: ['lost'],
  expect: [
    {
      kind: 'shows',
      text: 'both are in the failed set',
      about: 'stage',
      stage: 'failed-set',
      at: 'settled',
      atLeast: 2,
    },
    {
      kind: 'shows',
      text: 'both are still there after the retry',
      about: 'stage',
      stage: 'failed-set',
      at: 'after-retry',
      atLeast: 2,
    },
    { kind: 'must', text: 'nothing else is missing', about: 'missing', at: 'settled', atMost: 2 },
    { kind: 'must', text: 'no loss is blind', about: 'blind-loss', at: 'after-retry', atMost: 0 },
  ],
} satisfies Scenario;
