import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Answers of S3 to the worker take up to two seconds, some more than others, while short spans are begun in one request
 * and ended in the next. The job of the beginning has listed S3 before the end was there; when its answers
 * come later than those of the next job, it merges what it knows after the other has merged everything. The newest merge
 * wins, so its row, which lacks the end, replaces the whole one: a lost update. Both jobs are complete and nothing
 * processes the span again.
 *
 * The read before the write is skipped, as Langfuse's own hints for heavy loads say: with it the slower job would mostly find the other's
 * row. What was seen and is gone counts as vanished, even where the replay brings it back: whoever read in between was told
 * a falsehood.
 */
export default {
  name: 'stale-merge',
  proves:
    'When two jobs of one entity overtake each other, an update that had landed is overwritten, and the replay brings it back.',
  ways: ['D16'],
  traffic: { kind: 'generated', rate: 5, duration: 8, maxBatch: 5, maxBytes: 1_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      LANGFUSE_INGESTION_QUEUE_PROCESSING_CONCURRENCY: '60',
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS: 'chaos-project',
    },
  },
  timeline: [
    {
      at: 0.5,
      for: 7,
      fault: {
        ...{ name: 'latency', on: 'worker→s3', direction: 'downstream' },
        ...{ latencyMs: 1000, jitterMs: 1000 },
      },
    },
    { at: 1, send: { name: 'racing-updates', entities: 40, every: 0.12, after: 0.3 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['vanished'],
  expect: [
    { kind: 'shows', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
    { kind: 'shows', text: 'updates are overwritten', about: 'missing', at: 'settled', atLeast: 1 },
    {
      kind: 'shows',
      text: 'some had been seen before',
      about: 'outcome',
      outcome: 'vanished',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'must',
      text: 'nothing is missing after the replay',
      about: 'missing',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
