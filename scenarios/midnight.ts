import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Traffic whose time crosses midnight (UTC), and spans among it that begin before and end after, of which the end comes in first.
 * ClickHouse keeps one row per entity and day. The job of the end makes a row of the new day; the job of the
 * beginning, which knows both, makes one of the old day unless it can read the first already, which lies in the worker's
 * buffer for up to its interval. Then there are two live rows for ever: nothing merges them, and a replay writes only the newer one again.
 *
 * Langfuse holds jobs back for 15 s from 23:45 to 00:15 by the web's own clock, which hides this for clients that send at once, and not for those that
 * send later. The worker's interval is three times the default here, so that it happens to most of the spans.
 */
export default {
  name: 'midnight',
  proves:
    'A span that straddles midnight has two live rows when its end is processed first, and nothing makes them one.',
  traffic: {
    ...{ kind: 'generated', rate: 20, duration: 6, maxBatch: 5, maxBytes: 2_000 },
    startsAt: '2025-03-10T23:59:57Z',
  },
  settings: {
    web: { REFERENCE_BACKOFF_SCALE: '0.05' },
    worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '3000' },
  },
  timeline: [{ at: 1, send: { name: 'across-midnight', entities: 12 } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  verdictOnV3360: 'fail',
  expect: [
    {
      kind: 'shows',
      text: 'spans have a row on each of two days',
      about: 'outcome',
      outcome: 'duplicated',
      at: 'settled',
      atLeast: 1,
    },
    {
      kind: 'shows',
      text: 'the replay leaves it at that',
      about: 'outcome',
      outcome: 'duplicated',
      at: 'after-replay',
      atLeast: 1,
    },
    { kind: 'must', text: 'nothing is missing', about: 'missing', at: 'after-replay', atMost: 0 },
    {
      kind: 'must',
      text: 'the newest row has all of its content',
      about: 'outcome',
      outcome: 'altered',
      at: 'after-replay',
      atMost: 0,
    },
  ],
} satisfies Scenario;
