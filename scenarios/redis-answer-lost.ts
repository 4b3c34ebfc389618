import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Redis does what the web asks, and the connection breaks before the answer. The web cannot know that its job was added, sends the command again
 * when it is connected again, and there are two jobs for one entity. That must do no harm: the second makes the same row, and ClickHouse
 * keeps one of the two.
 */
export default {
  name: 'redis-answer-lost',
  proves:
    'A job that is added twice, because the answer to the first command was lost, doubles no row, and nothing acknowledged is missing.',
  traffic: { kind: 'generated', rate: 20, duration: 5, maxBatch: 5, maxBytes: 2000 },
  settings: {
    // Jobs that start at once overtake each other on a busy machine and lose updates (see `stale-merge`), which is not the point here.
    web: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 0.7, for: 0.5, fault: { name: 'answer-lost', on: 'web→redis' } },
    { at: 3, for: 0.5, fault: { name: 'answer-lost', on: 'web→redis' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    {
      kind: 'must',
      text: 'no entity is doubled',
      about: 'outcome',
      outcome: 'duplicated',
      at: 'after-replay',
      atMost: 0,
    },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
