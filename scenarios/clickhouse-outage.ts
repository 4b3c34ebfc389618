import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * ClickHouse is away from the worker for longer than a job's five attempts last. Ingestion goes on answering 207, for it
 * never touches ClickHouse; the jobs fail at the read before the write, end in the failed set, and nothing
 * retries them when ClickHouse is back (langfuse#6380). Rows that were in the writer's buffer when the outage
 * began are dropped after three attempts and are in no queue at all.
 *
 * The back-off is scaled to a tenth: five attempts last 7.5 s instead of 75 s.
 */
export default {
  name: 'clickhouse-outage',
  proves:
    'What is acknowledged during a long ClickHouse outage is not back by itself, but all of it can be brought back.',
  reproduces: 'langfuse#6380',
  ways: ['D1', 'D2'],
  traffic: { kind: 'recording', file: 'support-bot.jsonl', speed: 1, repeat: 1 },
  settings: { worker: { REFERENCE_BACKOFF_SCALE: '0.1' }, web: { REFERENCE_BACKOFF_SCALE: '0.1' } },
  timeline: [{ at: 5, for: 25, fault: { name: 'refused', on: 'worker→clickhouse' }, outlastsAttempts: true }],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'jobs end in the failed set', about: 'failed-set', at: 'settled', atLeast: 1 },
    {
      kind: 'shows',
      text: 'events are missing though ClickHouse is back',
      about: 'missing',
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
