import type { Scenario } from '../src/scenario/scenario.ts';

/**
 * Traffic whose time crosses midnight (UTC), and spans among it that begin before and end after, of which the end comes in first.
 * ClickHouse keeps one row per entity and day. The job of the end, alone, makes a row of the new day; that of the beginning, which
 * knows both, makes one of the old day, unless it reads the first and keeps its day. Then there are two live rows
 * for ever: nothing merges them, and a replay writes only the newer one again.
 *
 * The worker's read is skipped here, as Langfuse's own hints for heavy loads say. With it the same happens while the first row lies in
 * the worker's buffer. By default the web holds jobs back for 5 s, around midnight by its own clock for 15 s, so the beginning has
 * to come in later than that after the end; here it holds back nothing.
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
    worker: {
      REFERENCE_BACKOFF_SCALE: '0.05',
      LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300',
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS: 'chaos-project',
    },
  },
  timeline: [{ at: 1, send: { name: 'across-midnight', entities: 12, after: 2 } }],
  recovery: ['retry failed jobs', 'replay from S3'],
  failsOnV3360With: ['duplicated'],
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
