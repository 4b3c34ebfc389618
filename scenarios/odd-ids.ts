import type { Scenario } from '../src/scenario/scenario.ts';

/** Traces in which an event is sent again in other company, and loses the one beside it. */
const TRACES = 3;
/** Events that are overwritten: those, and two of the trace in which another event comes under the id of the first. */
const OVERWRITTEN = TRACES + 2;

/**
 * Three things that ids do to Langfuse v3.36.0, side by side:
 *
 * - a trace and a score without an id are acknowledged and never meant to be stored;
 * - an object in S3 is named after its first event, so the same event sent again beside another one, or another event under the same
 *   id, overwrites what was sent before: that is nowhere, because the jobs (held back for 2 s here, 5 s by default) read the object too late;
 * - of the traces `x` and `x/inner` the first has the content of both, because the worker reads everything below its folder.
 *
 * Nothing brings back any of it.
 */
export default {
  name: 'odd-ids',
  proves:
    'Events without an id are dropped, an event id used again overwrites what is not processed yet, and a slash in an id mixes entities up.',
  ways: ['D18', 'D19', 'D20'],
  traffic: { kind: 'generated', rate: 20, duration: 5, maxBatch: 10, maxBytes: 2_000 },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '2000' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' },
  },
  timeline: [
    { at: 1, send: { name: 'missing-body-id' } },
    { at: 2, send: { name: 'event-id-again', entities: TRACES } },
    { at: 2.5, send: { name: 'event-id-again', entities: 1, changed: true } },
    { at: 3, send: { name: 'slash-in-id' } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['lost', 'altered', 'event-id-reused'],
  expect: [
    {
      kind: 'shows',
      text: 'what has no id is absent by design',
      about: 'outcome',
      outcome: 'absent-by-design',
      at: 'settled',
      atLeast: 2,
      atMost: 2,
    },
    {
      kind: 'shows',
      text: 'what was overwritten is nowhere',
      about: 'stage',
      stage: 'not-in-s3',
      at: 'settled',
      atLeast: OVERWRITTEN,
      atMost: OVERWRITTEN,
    },
    {
      kind: 'shows',
      text: 'nothing brings back what was overwritten',
      about: 'outcome',
      outcome: 'lost',
      at: 'after-replay',
      atLeast: OVERWRITTEN,
      atMost: OVERWRITTEN,
    },
    {
      kind: 'shows',
      text: 'the outer one of the traces has the content of both',
      about: 'outcome',
      outcome: 'altered',
      at: 'after-replay',
      atLeast: 1,
      atMost: 1,
    },
    {
      kind: 'must',
      text: 'nothing else is missing',
      about: 'missing',
      at: 'after-replay',
      atMost: OVERWRITTEN,
    },
  ],
} satisfies Scenario;
