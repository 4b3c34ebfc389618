import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * What Langfuse does against two rows of one entity: from 23:45 to 00:15 by its own clock the web holds jobs back for the whole of
 * `LANGFUSE_INGESTION_QUEUE_DELAY_MS`, otherwise for at most 5 s (`getDelay` in `processEventBatch.ts` at v3.36.0). Here that is 8 s, the web's
 * clock says that it is midnight, and the beginning of each span comes in 6.5 s after its end: both are in S3 before
 * the first job looks. With the right clock the job of the end would have run 1.5 s earlier and made a second row (`midnight`).
 */
export default {
  name: 'midnight-held-back',
  proves:
    'Around midnight by its clock the web holds jobs back, so that a span that straddles midnight has one row.',
  traffic: {
    ...{ kind: 'generated', rate: 5, duration: 8, maxBatch: 5, maxBytes: 1_000 },
    startsAt: '2025-03-10T23:59:57Z',
  },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '8000' },
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS: 'chaos-project',
    },
  },
  timeline: [
    { at: 0, for: 8, fault: { name: 'clock-skew', on: 'web', to: '23:59:55' } },
    { at: 0.5, send: { name: 'across-midnight', entities: 5, every: 0.2, after: 6.5 } },
  ],
  recovery: ['retry failed jobs', 'replay from S3'],
  expect: [
    {
      kind: 'must',
      text: 'no span has two rows',
      about: 'outcome',
      outcome: 'duplicated',
      at: 'after-replay',
      atMost: 0,
    },
    { kind: 'must', text: 'nothing is missing', about: 'missing', at: 'after-replay', atMost: 0 },
  ],
} satisfies Scenario;
