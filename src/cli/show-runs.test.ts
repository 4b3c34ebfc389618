import { expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import type { Reason } from '../checker/verdict.ts';
import { exampleRun } from '../report/example-data.ts';
import { RunFolder } from '../run/run-folder.ts';
import type { RunResult } from '../run/run-many.ts';
import { Interrupted } from './exit-codes.ts';
import { exitCodeOfRuns, jsonOf } from './show-runs.ts';

function result(
  kind: 'pass' | 'fail' | 'unknown',
  expected: 'pass' | 'fail',
  held = true,
  reasons: Partial<Reason>[] = kind === 'pass' ? [] : [{ verdict: kind, code: 'lost' }],
): RunResult {
  const { run, verdict } = exampleRun(kind);
  const expectations = verdict.expectations.map((each) => ({ ...each, held }));
  const scenario: RunResult['planned']['scenario'] = {
    name: 'example',
    proves: 'x',
    traffic: { kind: 'generated', rate: 1, duration: 1, maxBatch: 1, maxBytes: 100 },
    timeline: [],
    recovery: [],
    expect: [],
    ...(expected === 'fail' ? { failsOnV3360With: ['lost'] } : {}),
  };
  return {
    planned: { label: 'example', scenario, varied: [], command: 'x' },
    tookMs: 1,
    outcome: {
      finished: {
        run,
        verdict: { ...verdict, expectations, reasons: reasons as Reason[] },
        folder: new RunFolder('/x'),
      },
    },
  };
}

const broken = (error: unknown): RunResult => ({ ...result('pass', 'pass'), outcome: { error } });
const stackError = new ChaosError({ code: 'E_STACK_START', happened: 'x', remedy: 'y' });

const exitCode = (results: RunResult[], asExpected: boolean, planned = results.length) =>
  exitCodeOfRuns(results, { planned, asExpected });

test('by verdict: fail ranks above an error, an error above unknown and pass', () => {
  expect(exitCode([result('pass', 'pass')], false)).toBe(0);
  expect(exitCode([result('fail', 'fail')], false)).toBe(1);
  expect(exitCode([result('pass', 'pass'), result('unknown', 'pass')], false)).toBe(2);
  expect(exitCode([result('unknown', 'pass'), broken(stackError)], false)).toBe(4);
  expect(exitCode([result('fail', 'fail'), broken(stackError)], false)).toBe(1);
  expect(exitCode([], false)).toBe(2);
});

test('as expected: 0 only when every run ended as v3.36.0 does and every expectation held', () => {
  expect(exitCode([result('pass', 'pass'), result('fail', 'fail')], true)).toBe(0);
  expect(exitCode([result('pass', 'fail')], true)).toBe(1);
  expect(exitCode([result('fail', 'fail', true, [{ verdict: 'fail', code: 'altered' }])], true)).toBe(1);
  expect(exitCode([result('unknown', 'pass')], true)).toBe(1);
  expect(exitCode([result('pass', 'pass', false)], true)).toBe(1);
  expect(exitCode([result('pass', 'pass'), broken(stackError)], true)).toBe(4);
});

test('fewer results than runs are never a pass, and hide no failure', () => {
  for (const asExpected of [false, true]) {
    expect(exitCode([], asExpected, 1)).toBe(2);
    expect(exitCode([result('pass', 'pass')], asExpected, 30)).toBe(2);
    expect(exitCode([result('fail', 'pass')], asExpected, 30)).toBe(1);
    expect(exitCode([result('pass', 'pass'), broken(new Interrupted())], asExpected, 30)).toBe(130);
  }
});

test('as JSON come the verdicts, or the rows of a matrix, those that could not be carried out among them', () => {
  const results = [result('pass', 'pass'), broken(stackError)];
  expect(jsonOf(results, false)).toMatchObject([
    { verdict: 'pass', run: exampleRun('pass').run.id, asExpected: true },
    { verdict: 'error', scenario: 'example', text: stackError.message, asExpected: false },
  ]);
  expect(jsonOf(results, true)).toMatchObject([
    { verdict: 'pass', lost: 184, asExpected: true },
    { verdict: 'error', asExpected: false },
  ]);
  expect(jsonOf([result('fail', 'fail'), result('pass', 'fail')], false)).toMatchObject([
    { verdict: 'fail', asExpected: true },
    { verdict: 'pass', asExpected: false },
  ]);
});
