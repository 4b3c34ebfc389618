import type { Expectation, GuideStep, Scenario } from '../src/scenario/scenario.ts';

/** What a step of the guide really does, which its report must say. */
const does = (step: GuideStep, text: string, did: string): Expectation => ({
  kind: 'shows',
  text,
  about: 'guide',
  step,
  did,
});

/** Failed jobs were there for a step to bring back, and none is done by it. */
const bringsNothingBack = (step: GuideStep): Expectation => ({
  kind: 'shows',
  text: `nothing comes back by the step “${step}”`,
  about: 'guide',
  step,
  broughtBack: 0,
});

/**
 * The recovery guide that goes round, carried out as it is written after ClickHouse was away: its count of failed jobs is refused by Redis, its
 * way of adding them again throws or does nothing, its sign that all is done shows while every job is still delayed, and a retry
 * while ClickHouse is still away is undone at once. Nothing comes back by it. Then the right steps: a retry in slices
 * once ClickHouse is back, and a replay from S3 of what no job is left for.
 */
export default {
  name: 'runbook',
  proves:
    'The common recovery guide, carried out as written, brings nothing back; a retry after the recovery and the S3 replay bring back all.',
  reproduces: 'langfuse#6380',
  ways: ['D1'],
  traffic: { kind: 'generated', rate: 12, duration: 2.5, maxBatch: 5, maxBytes: 2000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 0.3, for: 12.7, fault: { name: 'refused', on: 'worker→clickhouse' }, outlastsAttempts: true },
    { at: 3.2, recover: 'guide: see whether the queue is drained' },
    { at: 8, recover: 'guide: count the failed jobs' },
    { at: 8.3, recover: 'guide: add the failed jobs again' },
    { at: 8.6, recover: 'guide: add them with a prefix' },
    { at: 9.6, recover: 'guide: retry all at once' },
    { at: 13.6, recover: 'guide: add the failed jobs again' },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    does(
      'guide: see whether the queue is drained',
      'nothing waits while every job is delayed',
      'answered 0, while',
    ),
    does('guide: count the failed jobs', 'the count of failed jobs is refused', 'WRONGTYPE'),
    does('guide: add the failed jobs again', 'adding a job under its old id throws', 'cannot be integers'),
    does(
      'guide: add the failed jobs again',
      'adding one under an id of text does nothing',
      'returned a job and did nothing',
    ),
    does(
      'guide: add them with a prefix',
      'copies fail at their only attempt',
      'failed at their only attempt',
    ),
    does('guide: retry all at once', 'all that is retried too early fails again', 'had failed again'),
    bringsNothingBack('guide: add the failed jobs again'),
    bringsNothingBack('guide: add them with a prefix'),
    bringsNothingBack('guide: retry all at once'),
    {
      kind: 'shows',
      text: 'events are left in the failed set',
      about: 'stage',
      stage: 'failed-set',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'the retry after the recovery does',
      about: 'stage',
      stage: 'failed-set',
      at: 'after-retry',
      atMost: 0,
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
