import { expect, test } from 'vitest';
import { exampleRecord } from '../report/example-record.ts';
import type { JudgedRun } from '../report/judged-run.ts';
import { outcomeOf } from './verify.ts';

function judged(verdict: 'pass' | 'fail' | 'unknown', asExpected: boolean, ...codes: string[]): JudgedRun {
  const run = exampleRecord(verdict);
  return {
    run: { ...run, asExpected, scenario: { ...run.scenario, failsOnV3360With: ['lost'] } },
    verdict: {
      verdict,
      reasons: codes.map((code) => ({ verdict: 'fail', code, text: '' })),
      expectations: [],
    } as unknown as JudgedRun['verdict'],
  };
}

test('a stored run counts by its verdict', () => {
  expect(outcomeOf(judged('fail', false, 'lost'))).toEqual({ code: 1 });
  expect(outcomeOf(judged('pass', false))).toEqual({ code: 0 });
  expect(outcomeOf(judged('unknown', false))).toEqual({ code: 2 });
});

test('one that was run with --as-expected counts by that, as its JUnit file does, and it is said', () => {
  expect(outcomeOf(judged('fail', true, 'lost'))).toEqual({
    code: 0,
    note: 'It was run with --as-expected, and ended as v3.36.0 is expected to: exit code 0.',
  });
  for (const other of [
    judged('pass', true),
    judged('fail', true, 'lost', 'altered'),
    judged('unknown', true),
  ])
    expect(outcomeOf(other)).toEqual({
      code: 1,
      note: 'It was run with --as-expected, and did not end as v3.36.0 is expected to: exit code 1.',
    });
});
