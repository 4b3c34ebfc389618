import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * ClickHouse is away for a few seconds under load. Jobs whose row was already in the writer's buffer are complete and gone from
 * Redis; the writer drops the row after three attempts. The failed set stays empty, no queue length shows
 * anything, and retrying failed jobs brings nothing back: blind loss (langfuse#13468). Only S3 still holds the events.
 *
 * It happens twice, half an interval of the writer apart: a buffer that was flushed just before the one is not empty at the other.
 */
export default {
  name: 'clickhouse-blip',
  proves:
    'A ClickHouse outage of seconds loses events that no queue shows, and the S3 replay brings all of them back.',
  reproduces: 'langfuse#13468, langfuse#15730',
  ways: ['D2'],
  traffic: { kind: 'generated', rate: 40, duration: 10.5, maxBatch: 2, maxBytes: 5_000 },
  settings: { web: { REFERENCE_BACKOFF_SCALE: '0.25' }, worker: { REFERENCE_BACKOFF_SCALE: '0.25' } },
  timeline: [
    { at: 1.5, for: 3.6, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 7, for: 3.6, fault: { name: 'refused', on: 'worker→clickhouse' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    { kind: 'shows', text: 'the failed set stays empty', about: 'failed-set', at: 'settled', atMost: 0 },
    { kind: 'shows', text: 'events are lost blindly', about: 'blind-loss', at: 'settled', atLeast: 1 },
    {
      kind: 'shows',
      text: 'the retry does not bring them back',
      about: 'blind-loss',
      at: 'after-retry',
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
