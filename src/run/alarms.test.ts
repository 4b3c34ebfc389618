import { expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import type { Verdict } from '../checker/verdict.ts';
import type { RunRecord } from '../history/run-record.ts';
import { parseScenario } from '../scenario/schema.ts';
import { specText } from '../stack/spec.ts';
import { ALARM_KINDS, type AlarmResult, alarmScenario, countAlarms, runAlarms } from './alarms.ts';
import type { Trial } from './trial.ts';

const verdictOf = (verdict: Verdict['verdict']) =>
  ({ verdict, reasons: verdict === 'pass' ? [] : [{ verdict, code: 'c', text: `why ${verdict}` }] }) as never;

function setUp(outcome: (trial: Trial) => Verdict['verdict']) {
  const trials: Trial[] = [];
  const ended: AlarmResult[] = [];
  const abort = new AbortController();
  const options = {
    runs: 3,
    seed: 40,
    kinds: ALARM_KINDS,
    jobs: 2,
    signal: abort.signal,
    onEnd: (result: AlarmResult) => ended.push(result),
    trial: async (trial: Trial, keep: (verdict: Verdict) => boolean) => {
      trials.push(trial);
      const verdict = verdictOf(outcome(trial));
      const run = {} as RunRecord;
      return keep(verdict) ? { verdict, run, folder: '/kept' } : { verdict, run };
    },
  };
  return { options, trials, ended, abort };
}

test('each kind runs with each seed, against the safe pipeline', async () => {
  const { options, trials } = setUp(() => 'pass');
  const results = await runAlarms(options);
  expect(results.map(({ kind, seed }) => `${kind} ${seed}`)).toEqual([
    'steady-state 40',
    'steady-state 41',
    'steady-state 42',
    'nemesis 40',
    'nemesis 41',
    'nemesis 42',
  ]);
  expect(trials.every(({ spec }) => specText(spec) === 'embedded:safe')).toBe(true);
  expect(trials.at(-1)?.command).toBe('npx langfuse-chaos alarms --runs 1 --only nemesis --seed 42');
});

const noStack = new ChaosError({ code: 'E_STACK_START', happened: 'no stack', remedy: 'x' });

test('what did not pass is kept, with its causes; what could not be carried out is unknown', async () => {
  const { options } = setUp(({ seed }) => {
    if (seed === '42') throw noStack;
    return seed === '41' ? 'fail' : 'pass';
  });
  const results = await runAlarms({ ...options, kinds: ['steady-state'] });
  expect(results).toEqual([
    { kind: 'steady-state', seed: '40', verdict: 'pass', causes: [] },
    { kind: 'steady-state', seed: '41', verdict: 'fail', causes: ['why fail'], folder: '/kept' },
    {
      kind: 'steady-state',
      seed: '42',
      verdict: 'unknown',
      causes: [`It could not be carried out: ${noStack.message}`],
    },
  ]);
  expect(countAlarms(results)).toEqual({ pass: 1, unknown: 1, fail: 1 });
});

test('an error of our own is kept as the defect that it is, and keeps no other run from being carried out', async () => {
  const defect = new TypeError('x is not a function');
  const { options, trials } = setUp(({ seed }) => {
    if (seed === '40') throw defect;
    return 'pass';
  });
  const results = await runAlarms({ ...options, kinds: ['nemesis'] });
  expect(trials).toHaveLength(3);
  expect(results.map(({ verdict }) => verdict)).toEqual(['unknown', 'pass', 'pass']);
  expect(results[0]).toMatchObject({ defect });
});

test('an interrupt begins no further run', async () => {
  const { options, trials, abort } = setUp(() => {
    abort.abort(new Error('interrupted'));
    return 'pass';
  });
  await expect(runAlarms({ ...options, jobs: 1 })).rejects.toThrow('interrupted');
  expect(trials).toHaveLength(1);
});

test.each(ALARM_KINDS)('%s is a scenario that can be judged', (kind) => {
  expect(() => parseScenario(alarmScenario(kind, '7'), kind)).not.toThrow();
});
