import type { Scenario } from '../src/scenario/scenario.ts';

/** Events that are poison, each sent once. */
const POISON = 4;

/**
 * Four events that the API takes and ClickHouse does not: half of a surrogate pair, a fraction of a token, more tokens than 64 bits
 * hold, a cost of a million. Each makes the whole INSERT fail that its row is in; after three attempts the worker drops all of
 * its rows, whoever sent them. The jobs are complete, so the failed set stays empty: blind loss.
 *
 * Replaying everything at once would put poison and bystanders into one INSERT again, so the replay leaves the poison out. That
 * brings back the bystanders; the poison itself never lands. It is in S3 for ever.
 */
export default {
  name: 'poison-row',
  proves:
    'One row that ClickHouse refuses takes all rows of its INSERT along; a replay without it brings those back, and it never lands.',
  reproduces: 'langfuse#13468',
  ways: ['D13'],
  traffic: { kind: 'generated', rate: 30, duration: 8, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05' },
  },
  timeline: [
    { at: 1.5, send: { name: 'lone-surrogate' } },
    { at: 3, send: { name: 'fractional-usage' } },
    { at: 4.5, send: { name: 'huge-usage' } },
    { at: 6, send: { name: 'huge-cost' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['lost'],
  expect: [
    { kind: 'shows', text: 'the failed set stays empty', about: 'failed-set', at: 'settled', atMost: 0 },
    {
      kind: 'shows',
      text: 'the poison and bystanders are in S3 only',
      about: 'stage',
      stage: 's3-only',
      at: 'after-retry',
      atLeast: POISON + 1,
    },
    {
      kind: 'shows',
      text: 'the replay brings bystanders back',
      about: 'outcome',
      outcome: 'recovered-by-replay',
      at: 'after-replay',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'the poison itself never lands',
      about: 'stage',
      stage: 's3-only',
      at: 'after-replay',
      atLeast: POISON,
    },
    {
      kind: 'must',
      text: 'nothing but the poison is lost after the replay',
      about: 'outcome',
      outcome: 'lost',
      at: 'after-replay',
      atMost: POISON,
    },
  ],
} satisfies Scenario;
