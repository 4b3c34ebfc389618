import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * The same crash as in `redis-lost`, but Redis keeps an append-only file: what it has answered it has handed to the operating
 * system, so a killed process loses nothing. (A machine without power would lose up to a second. On a disk that is very busy Redis itself puts
 * a write off for up to 2 s while the last fsync is under way, `flushAppendOnlyFile` in its `aof.c`, and a kill loses that.) Requests that came
 * while it was away were answered 500, which promises nothing.
 */
export default {
  name: 'redis-killed-aof',
  proves: 'Redis with an append-only file loses no job in a crash: everything acknowledged lands by itself.',
  ways: ['D9'],
  traffic: { kind: 'generated', rate: 15, duration: 7, maxBatch: 5, maxBytes: 2000 },
  settings: {
    // Jobs that start at once overtake each other on a busy machine and lose updates (see `stale-merge`), which is not the point here.
    web: { REFERENCE_BACKOFF_SCALE: '0.2', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.2',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      // Nothing is dropped by the writer: the outage is there to have jobs in Redis when it is killed.
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '1000',
    },
  },
  timeline: [
    { at: 0.5, for: 4.5, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 3.5, for: 0.5, fault: { name: 'killed', on: 'redis' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
  ],
} satisfies Scenario;
