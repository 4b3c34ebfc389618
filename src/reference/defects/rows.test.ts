import { expect, test } from 'vitest';
import type { Defect } from '../defects.ts';
import { picks } from './plant.ts';
import type { Row } from './row.ts';
import { plantInInserts } from './rows.ts';
import { testPlant } from './testing.ts';

/** Ids that every defect may hit, and that those which hit some only do hit. */
const HIT = ['x-1', 'x-2', 'x-3', 'x-4'].map((start) => pickedId(start));
const [A, B] = HIT as [string, string];

function pickedId(start: string): string {
  for (let n = 0; ; n += 1) if (picks(`${start}-${n}`, 8)) return `${start}-${n}`;
}

/** The writer's insert with a defect, and what came of it. */
function planted(defect: Defect) {
  const inserted: Row[][] = [];
  const { plant, hits } = testPlant(defect);
  const write = plantInInserts(async (_table, rows) => {
    inserted.push(rows as Row[]);
  }, plant);
  return { write, inserted, hits };
}

const trace = (id: string, more: Partial<Row> = {}): Row => ({
  id,
  timestamp: 86_400_000,
  event_ts: 10,
  ...more,
});

test('without a defect the insert is the one that was given', () => {
  const insert = async () => {};
  expect(plantInInserts(insert, undefined)).toBe(insert);
});

test('the list of objects in S3 is never touched', async () => {
  const { write, inserted } = planted('lose-last-row');
  await write('event_log', [{ id: A }]);
  expect(inserted).toEqual([[{ id: A }]]);
});

test('lose-last-row: what is lost is hit until a later row says it', async () => {
  const { write, inserted, hits } = planted('lose-last-row');
  await write('traces', [trace(A), trace(B, { name: 'n' })]);
  expect(inserted).toEqual([[trace(A)]]);
  expect(hits()).toEqual([`trace/${B}`]);
  await write('traces', [trace(B, { name: 'n', event_ts: 11 }), trace('spared')]);
  expect(hits()).toEqual([]);
});

test('lose-last-row: a row that says nothing new is no loss', async () => {
  const { write, hits } = planted('lose-last-row');
  await write('traces', [trace(A, { metadata: { a: '1', b: '2' } }), trace('spared')]);
  await write('traces', [trace(A, { event_ts: 11, name: '', input: null, metadata: { b: '2', a: '1' } })]);
  expect(hits()).toEqual([]);
});

test('swallow-insert-error: the second insert is not made and passes for a good one', async () => {
  const { write, inserted, hits } = planted('swallow-insert-error');
  await write('traces', [trace(A)]);
  await write('traces', [trace('spared')]);
  await write('traces', [trace(B)]);
  expect(inserted).toEqual([[trace(A)], [trace('spared')]]);
  expect(hits()).toEqual([`trace/${B}`]);
  await write('traces', [trace(B)]);
  expect(hits()).toEqual([]);
});

test('double-on-another-day: the double is of the next day and older than the row', async () => {
  const { write, inserted, hits } = planted('double-on-another-day');
  await write('traces', [trace('spared'), trace(A)]);
  expect(inserted).toEqual([
    [trace('spared'), trace(A), trace(A, { timestamp: 2 * 86_400_000, event_ts: 9 })],
  ]);
  expect(hits()).toEqual([`trace/${A}`]);
});

test('double-on-retry: the first insert of a table is written and fails; the retry doubles it', async () => {
  const { write, inserted, hits } = planted('double-on-retry');
  const row = trace(A);
  await expect(write('traces', [row])).rejects.toThrow('lost');
  expect(hits()).toEqual([]);
  await write('traces', [row, trace(B)]);
  expect(inserted.at(-1)?.map(({ id }) => id)).toEqual([A, B, A]);
  expect(hits()).toEqual([`trace/${A}`]);
});

test('invent-row: one row, once', async () => {
  const { write, inserted, hits } = planted('invent-row');
  await write('traces', [trace(A)]);
  await write('traces', [trace(B)]);
  expect(inserted.map((rows) => rows.map(({ id }) => id))).toEqual([[A, `${A}-invented`], [B]]);
  expect(hits()).toEqual([`trace/${A}-invented`]);
});

test('vanish-after-seen: rows are marked as deleted once two spared traces came after the last of them', async () => {
  const { write, inserted, hits } = planted('vanish-after-seen');
  for (const id of ['spared', A, 'spared', B, 'spared']) await write('traces', [trace(id)]);
  const isGone = ({ is_deleted }: Row) => is_deleted === 1;
  expect(inserted.flat().filter(isGone)).toEqual([]);
  await write('traces', [trace('spared')]);
  expect(
    inserted
      .flat()
      .filter(isGone)
      .map(({ id }) => id),
  ).toEqual([A, B]);
  expect(hits()).toEqual([`trace/${A}`, `trace/${B}`]);
});

/** A row and what each defect of content makes of it. */
const NOON = Date.UTC(2025, 2, 10, 12, 0, 0, 7);
test.each([
  ['cut-long-input', 'traces', { input: 'x'.repeat(301) }, { input: 'x'.repeat(300) }],
  ['swap-two-fields', 'traces', { user_id: 'u', session_id: 's' }, { user_id: 's', session_id: 'u' }],
  ['wrong-project', 'scores', { project_id: 'p' }, { project_id: 'another-project' }],
  ['lose-tag', 'traces', { tags: ['a', 'b'] }, { tags: ['a'] }],
  ['lose-metadata-key', 'traces', { metadata: { client: 'c', own: 'o' } }, { metadata: { own: 'o' } }],
  ['shift-time', 'observations', { start_time: NOON }, { start_time: NOON - 5 * 3_600_000 }],
  ['score-under-another-trace', 'scores', { trace_id: 't-7' }, { trace_id: 't-0' }],
  ['cut-milliseconds', 'observations', { end_time: NOON }, { end_time: NOON - 7 }],
  ['normalise-text', 'traces', { input: 'é' }, { input: 'e\u0301' }],
  ['round-score', 'scores', { value: 0.75 }, { value: 1 }],
  ['blank-for-null', 'observations', { version: undefined }, { version: '' }],
] as const)('%s', async (defect, table, before, after) => {
  const { write, inserted, hits } = planted(defect);
  await write(table, [
    { id: A, ...before },
    { id: 'spared', ...before },
  ]);
  expect(inserted).toEqual([
    [
      { id: A, ...after },
      { id: 'spared', ...before },
    ],
  ]);
  expect(hits()).toHaveLength(1);
});

test('a row whose content is right again is no longer hit', async () => {
  const { write, hits } = planted('round-score');
  await write('scores', [{ id: A, value: 0.25 }]);
  expect(hits()).toEqual([`score/${A}`]);
  await write('scores', [{ id: A, value: 3 }]);
  expect(hits()).toEqual([]);
});

test('a row that was merged with a shifted one is not shifted again, and stays hit', async () => {
  const { write, inserted, hits } = planted('shift-time');
  const early = Date.UTC(2025, 2, 10, 1);
  await write('traces', [{ id: A, timestamp: early }]);
  expect(inserted).toEqual([[{ id: A, timestamp: early }]]);
  expect(hits()).toEqual([`trace/${A}`]);
});
