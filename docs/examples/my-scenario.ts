import type { Scenario } from '../../src/scenario/scenario.ts';

/** S3 answers the worker slowly while a client flushes its buffer: nothing acknowledged may be lost. */
export default {
  // The name of the file.
  name: 'my-scenario',
  // One sentence: what a run of it proves.
  proves: 'While S3 answers slowly a burst is taken, and all of it lands by itself.',
  // 10 events a second for 6 s; requests of up to 5 events, inputs and outputs of up to 2,000 bytes.
  traffic: { kind: 'generated', rate: 10, duration: 6, maxBatch: 5, maxBytes: 2_000 },
  // Variables of the application, always text. These two make a run quick: retries after a twentieth of the time, small writes.
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  // What happens when: `at` is in seconds since the traffic began.
  timeline: [
    // A fault of docs/faults.md, undone 3 s after it was injected. `latencyMs` is a parameter of this fault.
    { at: 1, for: 3, fault: { name: 'latency', on: 'worker→s3', latencyMs: 300 } },
    // Odd traffic of docs/faults.md, beside the traffic above.
    { at: 1.5, send: { name: 'burst', events: 100 } },
    // Asks every endpoint of web and worker; the text is its label in the report.
    { at: 2, probe: 'S3 is slow' },
  ],
  // Carried out in this order once the queues are empty; a checkpoint follows each.
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    // must: a miss fails the run.
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
    // shows: something about v3.36.0 that may be absent elsewhere; it fails nothing.
    {
      kind: 'shows',
      text: 'ingestion is taken all the same',
      about: 'probe',
      label: 'S3 is slow',
      endpoint: 'POST /api/public/ingestion',
      status: 207,
    },
  ],
} satisfies Scenario;
