import { expect, test } from 'vitest';
import type { FaultRecord, ProbeRecord } from '../history/run-record.ts';
import { probeTables } from './probe-table.ts';

const fault = (name: string, on: string): FaultRecord => ({ fault: name, on, injectedAt: 0 });
const probe = (
  under: number | undefined,
  endpoint: string,
  more: Partial<ProbeRecord> = {},
): ProbeRecord => ({
  label: `moment ${under}`,
  endpoint,
  at: 0,
  status: 200,
  body: '{}',
  tookMs: 5,
  ...(under === undefined ? {} : { under }),
  ...more,
});
const tablesOf = (faults: FaultRecord[], ...probes: ProbeRecord[]) => probeTables({ faults, probes });

test('a row for each fault, a column for each endpoint, a table for each process', () => {
  const faults = [
    fault('name-gone', 'web→s3'),
    fault('dns-empty', 'web→s3'),
    fault('name-gone', 'worker→s3'),
  ];
  const tables = tablesOf(
    faults,
    probe(undefined, 'GET /a'),
    probe(0, 'GET /a'),
    probe(0, 'GET /b'),
    probe(1, 'GET /b'),
    probe(2, 'worker GET /c'),
  );
  expect(tables.map(({ endpoints }) => endpoints)).toEqual([['GET /a', 'GET /b'], ['worker GET /c']]);
  const [web] = tables;
  expect(web?.groups.map(({ on, rows }) => [on, rows.map(({ label }) => label)])).toEqual([
    ['web→s3', ['moment 0', 'moment 1']],
  ]);
  expect(web?.groups[0]?.rows[1]?.cells.map((cell) => cell?.word)).toEqual([undefined, '200']);
});

test('what is not as usual stands out, and says what, when and where', () => {
  const bad = {
    status: 500,
    body: 'sorry',
    recovery: { afterMs: 1200 },
    persisted: { settled: 'S3', last: 'ClickHouse' },
  } as const;
  const { status: _, ...none } = probe(0, 'GET /no-answer', {
    body: 'TIMEOUT',
    recovery: { notWithinMs: 30_000 },
  });
  const [table] = probeTables({
    faults: [fault('name-gone', 'web→s3')],
    probes: [
      probe(0, 'GET /usual'),
      probe(0, 'GET /long', { tookMs: 2000 }),
      probe(0, 'POST /bad', bad),
      probe(0, 'GET /bad', { status: 500, body: 'sorry' }),
      none,
      probe(0, 'POST /lost', { persisted: { settled: 'nothing', last: 'nothing' } }),
    ],
  });
  const cells = table?.groups[0]?.rows[0]?.cells.map((cell) => cell && [cell.word, cell.tone, ...cell.notes]);
  expect(cells).toEqual([
    ['200', 'usual'],
    ['200', 'warn'],
    ['500', 'bad', 'in S3 until recovery', 'back after 1.2 s'],
    ['500', 'bad'],
    ['no answer', 'bad', 'not back within 30 s'],
    ['200', 'warn', 'nowhere'],
  ]);
  // Alike answers are told once.
  expect(table?.answers).toEqual(['sorry', 'TIMEOUT']);
  expect(table?.groups[0]?.rows[0]?.cells.map((cell) => cell?.answer)).toEqual([
    undefined,
    undefined,
    0,
    0,
    1,
    undefined,
  ]);
});

test('the jobs of the worker have a word of their own', () => {
  const { status: _, ...held } = probe(0, 'worker jobs', {
    body: 'held up: the event did not land',
    recovery: { afterMs: 900 },
  });
  const [table] = tablesOf([fault('name-gone', 'worker→s3')], held);
  expect(table?.groups[0]?.rows[0]?.cells[0]).toMatchObject({
    word: 'held up',
    tone: 'warn',
    notes: ['landed after 0.9 s'],
  });
  expect(table?.answers).toEqual([]);
});

test('a run without probes under faults has no such table', () => {
  expect(tablesOf([fault('name-gone', 'web→s3')], probe(undefined, 'GET /a'))).toEqual([]);
});
