/**
 * Reduced from the 12 steps of the run 2026-11-22T18-57-36-nemesis.
 * Fail: 35 of 620 acknowledged events are lost; missing are 28 in S3 only and 7 in the failed set.
 * See it fail: npx langfuse-chaos run docs/examples/nemesis-found.ts --seed 3
 */
export default {
  name: 'nemesis-found',
  timeline: [
    {
      at: 2,
      for: 0.8,
      fault: {
        name: 'killed',
        on: 'clickhouse',
      },
    },
  ],
  recovery: [],
  expect: [
    {
      kind: 'must',
      text: 'nothing acknowledged is missing in the end',
      about: 'missing',
      at: 'settled',
      atMost: 0,
    },
  ],
  proves: 'This 1 of the 12 steps of 2026-11-22T18-57-36-nemesis is enough to fail with lost.',
  traffic: {
    kind: 'generated',
    rate: 20,
    duration: 5.8,
    maxBatch: 10,
    maxBytes: 5000,
  },
  settings: {
    web: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000',
    },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '500',
    },
  },
};
