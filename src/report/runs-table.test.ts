import { expect, test } from 'vitest';
import { exampleRun } from './example-data.ts';
import { matrixFigures, renderMatrix } from './matrix-table.ts';
import { renderRunsTable } from './runs-table.ts';

test('a row for each run: verdict, what v3.36.0 gets, and whether both fit', () => {
  const rows = [
    {
      scenario: 'steady-state',
      verdict: 'pass',
      expected: 'pass',
      asExpected: true,
      missed: 0,
      tookMs: 21_000,
    },
    {
      scenario: 'redis-lost',
      verdict: 'fail',
      expected: 'fail',
      asExpected: false,
      missed: 1,
      tookMs: 72_000,
    },
    { scenario: 'odd-ids', verdict: 'fail', expected: 'fail', asExpected: false, missed: 0, tookMs: 300 },
    { scenario: 'midnight', expected: 'pass', asExpected: false, missed: 0, tookMs: 300 },
  ] as const;
  expect(renderRunsTable(rows)).toBe(
    [
      'scenario      verdict  v3.36.0                              time',
      'steady-state  ✓ pass   pass     as expected                 21 s',
      'redis-lost    ✗ fail   fail     1 expectation missed  1 min 12 s',
      'odd-ids       ✗ fail   fail     for another reason         0.3 s',
      'midnight      ! error  pass     not as expected            0.3 s',
      '1 of 4 as expected of v3.36.0',
      '',
    ].join('\n'),
  );
});

const settings = (attempts: string) => ({ 'worker.MAX_ATTEMPTS': attempts });

test('a matrix has a column for each setting, and says so where a figure is not known', () => {
  const row = { scenario: 'clickhouse-blip', verdict: 'pass' };
  const table = renderMatrix([
    {
      ...row,
      settings: settings('3'),
      lost: 1234,
      blindLoss: 1234,
      lostAfterRetry: 1234,
      lostAfterReplay: 0,
      failedSet: 0,
      secondsUntilSettled: 12.34,
    },
    { ...row, settings: settings('1000'), verdict: 'error' },
  ]);
  expect(table).toBe(
    [
      '[1] worker.MAX_ATTEMPTS',
      '[1]   verdict  lost settled  blind  after retry  after replay  failed set  settled in',
      '3     pass            1,234  1,234        1,234             0           0      12.3 s',
      '1000  error               –      –            –             –           –           –',
      '',
    ].join('\n'),
  );
});

test('the figures are those of the checkpoints; a checkpoint that was not reached gives none', () => {
  const { run, verdict } = exampleRun('pass');
  const [, settled, retried, replayed] = verdict.checkpoints;
  expect(matrixFigures({ run, verdict })).toEqual({
    verdict: 'pass',
    lost: settled?.outcomes.lost,
    blindLoss: settled?.blindLoss,
    lostAfterRetry: retried?.outcomes.lost,
    lostAfterReplay: replayed?.outcomes.lost,
    failedSet: settled?.failedSet,
    secondsUntilSettled: 12,
  });
  expect(matrixFigures({ run, verdict: { ...verdict, checkpoints: [] } })).not.toHaveProperty('lost');
});
