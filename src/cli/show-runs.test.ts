import { expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import type { Reason } from '../checker/verdict.ts';
import { exampleRun } from '../report/example-data.ts';
import { RunFolder } from '../run/run-folder.ts';
import type { RunResult } from '../run/run-many.ts';
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

test('by verdict: fail ranks above an error, an error above unknown and pass', () => {
  expect(exitCodeOfRuns([result('pass', 'pass')], false)).toBe(0);
  expect(exitCodeOfRuns([result('fail', 'fail')], false)).toBe(1);
  expect(exitCodeOfRuns([result('pass', 'pass'), result('unknown', 'pass')], false)).toBe(2);
  expect(exitCodeOfRuns([result('unknown', 'pass'), broken(stackError)], false)).toBe(4);
  expect(exitCodeOfRuns([result('fail', 'fail'), broken(stackError)], false)).toBe(1);
  expect(exitCodeOfRuns([], false)).toBe(2);
});

test('as expected: 0 only when every run ended as v3.36.0 does and every expectation held', () => {
  expect(exitCodeOfRuns([result('pass', 'pass'), result('fail', 'fail')], true)).toBe(0);
  expect(exitCodeOfRuns([result('pass', 'fail')], true)).toBe(1);
  expect(exitCodeOfRuns([result('fail', 'fail', true, [{ verdict: 'fail', code: 'altered' }])], true)).toBe(
    1,
  );
  expect(exitCodeOfRuns([result('unknown', 'pass')], true)).toBe(1);
  expect(exitCodeOfRuns([result('pass', 'pass', false)], true)).toBe(1);
  expect(exitCodeOfRuns([result('pass', 'pass'), broken(stackError)], true)).toBe(4);
});

test('as JSON come the verdicts, or the rows of a matrix with those that could not be carried out', () => {
  const results = [result('pass', 'pass'), broken(stackError)];
  expect(jsonOf(results, false)).toMatchObject([{ verdict: 'pass', run: exampleRun('pass').run.id }]);
  expect(jsonOf(results, true)).toMatchObject([{ verdict: 'pass', lost: 184 }, { verdict: 'error' }]);
});
