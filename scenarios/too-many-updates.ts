import type { Scenario } from '../src/scenario/scenario.ts';

/** Updates beyond the first page of the listing. */
const BEYOND = 4;

/**
 * One span is updated more than a thousand times, each time in a request of its own. The worker lists one page of its folder in S3, 1,000
 * objects, and never asks for the next: what comes last in the order of the names is never read. The jobs
 * complete, and every replay lists the same page. Nothing of Langfuse's brings them back (from v3.75.2 on a page has 200, and its size can be set).
 *
 * The worker is away meanwhile, so that it finds the whole folder: one that keeps pace reads each object while it is on the first page.
 * The cache of seen events is on, as for a heavy load: without it each of the jobs would read a thousand objects.
 */
export default {
  name: 'too-many-updates',
  proves:
    'Of an entity with more than 1,000 objects in S3 those beyond the first page never land, and nothing brings them back.',
  ways: ['D15'],
  traffic: { kind: 'generated', rate: 5, duration: 8, maxBatch: 5, maxBytes: 1_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      LANGFUSE_INGESTION_QUEUE_PROCESSING_CONCURRENCY: '2',
      LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: 'true',
    },
  },
  timeline: [
    { at: 0.5, for: 16, fault: { name: 'killed', on: 'worker' } },
    { at: 1, send: { name: 'many-updates', count: 1000 + BEYOND, rate: 120 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['lost'],
  expect: [
    { kind: 'shows', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
    {
      kind: 'shows',
      text: 'the updates beyond the first page are in S3 only',
      about: 'stage',
      stage: 's3-only',
      at: 'settled',
      atLeast: BEYOND,
    },
    {
      kind: 'shows',
      text: 'neither retry nor replay brings them back',
      about: 'outcome',
      outcome: 'lost',
      at: 'after-replay',
      atLeast: BEYOND,
      atMost: BEYOND,
    },
    { kind: 'must', text: 'nothing else is missing', about: 'missing', at: 'after-replay', atMost: BEYOND },
  ],
} satisfies Scenario;
