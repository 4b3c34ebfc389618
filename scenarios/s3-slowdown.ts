import type { Scenario } from '../src/scenario/scenario.ts';

const WEB = 'S3 asks the web to slow down';

/**
 * S3 asks to slow down (503 SlowDown), first the web, then the worker. The web's client tries three times within a second; then the request
 * is answered 500, with a text that blames the client's data, and nothing was promised. The worker's jobs fail and are run again
 * after their back-off. Nothing acknowledged is lost.
 */
export default {
  name: 's3-slowdown',
  proves:
    'When S3 asks to slow down, ingestion answers 500 and promises nothing; the worker waits it out, and everything acknowledged lands by itself.',
  traffic: { kind: 'generated', rate: 15, duration: 7, maxBatch: 5, maxBytes: 2000 },
  settings: {
    // Jobs that start at once overtake each other on a busy machine and lose updates (see `stale-merge`), which is not the point here.
    web: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, for: 2.5, fault: { name: 's3-slow-down', on: 'web→s3' } },
    { at: 1.5, probe: WEB },
    { at: 4.5, for: 2, fault: { name: 's3-slow-down', on: 'worker→s3' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'shows',
      text: 'ingestion answers 500 with the text of the blob storage',
      about: 'probe',
      label: WEB,
      endpoint: 'POST /api/public/ingestion',
      status: 500,
      body: 'Failed to upload events to blob storage',
    },
    {
      kind: 'must',
      text: 'health answers 200 all the same',
      about: 'probe',
      label: WEB,
      endpoint: 'GET /api/public/health',
      status: 200,
    },
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
