import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The worker asks S3 for an entity's objects and gets an empty list. It takes that for an entity without events: it logs a
 * warning and the job completes. Nothing is in the failed set, and no row was written.
 *
 * First the objects are there and only the list is wrong, for three seconds: the replay brings all of it back. Then S3 takes objects
 * and does not keep them, as when a lifecycle rule removes them before they were read: those events are nowhere.
 */
export default {
  name: 'object-gone',
  proves:
    'A job that finds no object completes as if all were well; what S3 still holds the replay brings back, the rest is nowhere.',
  ways: ['D17'],
  traffic: { kind: 'generated', rate: 30, duration: 8, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, for: 3, fault: { name: 's3-list-cut-short', on: 'worker→s3' } },
    { at: 6, for: 1.5, fault: { name: 'http-answer', on: 'web→s3', method: 'PUT', status: 200 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['lost'],
  expect: [
    { kind: 'shows', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
    {
      kind: 'shows',
      text: 'what was not in the list is in S3 only',
      about: 'stage',
      stage: 's3-only',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'what S3 did not keep is nowhere',
      about: 'stage',
      stage: 'not-in-s3',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'must',
      text: 'the replay brings back all that S3 holds',
      about: 'stage',
      stage: 's3-only',
      at: 'after-replay',
      atMost: 0,
    },
    {
      kind: 'shows',
      text: 'nothing brings back the rest',
      about: 'stage',
      stage: 'not-in-s3',
      at: 'after-replay',
      atLeast: 1,
    },
  ],
} satisfies Scenario;
