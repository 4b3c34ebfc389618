import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import type { Verdict } from '../../checker/verdict.ts';
import type { FaultStep, Scenario } from '../../scenario/scenario.ts';
import { loadScenario } from '../load-scenario.ts';
import { DEFAULT_LIMITS, makeNemesis } from '../nemesis/make-nemesis.ts';
import { scenarioText } from './scenario-text.ts';
import { failureCodes, shrink } from './shrink.ts';

const failed = (...codes: string[]) =>
  ({
    reasons: codes.map((code) => ({ verdict: 'fail', code, text: '' })),
    expectations: [],
  }) as unknown as Verdict;

const missed = (...texts: string[]) =>
  ({
    reasons: texts.map((text) => ({ verdict: 'fail', code: 'expectation', text: `${text}, seen: 3` })),
    expectations: [
      ...texts.map((text) => ({ kind: 'must', text, held: false })),
      { kind: 'must', text: 'held', held: true },
      { kind: 'shows', text: 'not shown', held: false },
    ],
  }) as unknown as Verdict;

const nemesis = makeNemesis(createRandom('twelve'), { ...DEFAULT_LIMITS, count: 12, seconds: 60 });
const faultsOf = (scenario: Scenario) => scenario.timeline as FaultStep[];

/** A target that loses events whenever the fault that is the n-th of the nemesis lasts for at least a second. */
const losesBy = (n: number) => async (candidate: Scenario) => {
  const { fault } = faultsOf(nemesis)[n] as FaultStep;
  const there = faultsOf(candidate).some((step) => step.fault === fault && step.for >= 1);
  return there ? failed('lost', 'expectation') : failed();
};

test('twelve faults are reduced to the one at fault, as short as it still fails, with traffic around it only', async () => {
  expect(nemesis.timeline).toHaveLength(12);
  for (let n = 0; n < 12; n += 1) {
    const { scenario, runs, unfinished } = await shrink({
      scenario: nemesis,
      codes: new Set(['lost']),
      run: losesBy(n),
      maxRuns: 40,
      confirm: 1,
      jobs: 2,
    });
    expect(scenario.timeline).toHaveLength(1);
    const [step] = faultsOf(scenario);
    expect(step?.fault).toEqual(faultsOf(nemesis)[n]?.fault);
    expect(step?.for).toBeGreaterThanOrEqual(1);
    expect(step?.for).toBeLessThan(2);
    expect(step?.at).toBeLessThanOrEqual(2);
    expect((scenario.traffic as { duration: number }).duration).toBeLessThan(10);
    expect(runs).toBeLessThanOrEqual(40);
    expect(unfinished).toBe(false);
  }
});

test('what fails without any fault is reduced to none', async () => {
  const { scenario, runs } = await shrink({
    scenario: nemesis,
    codes: new Set(['lost']),
    run: async () => failed('lost'),
    maxRuns: 40,
    confirm: 1,
    jobs: 1,
  });
  expect(scenario.timeline).toEqual([]);
  expect(runs).toBe(2);
});

test('a failure that comes now and then without any fault is not taken for the faults’ doing', async () => {
  let withoutFault = 0;
  const { scenario } = await shrink({
    scenario: nemesis,
    codes: new Set(['lost']),
    // The first run without a fault fails by chance.
    run: async (candidate) =>
      candidate.timeline.length === 0 && withoutFault++ === 0 ? failed('lost') : losesBy(4)(candidate),
    maxRuns: 40,
    confirm: 2,
    jobs: 2,
  });
  expect(scenario.timeline).toHaveLength(1);
});

test('a candidate that fails for another reason does not count', async () => {
  const { scenario } = await shrink({
    scenario: nemesis,
    codes: new Set(['lost']),
    run: async () => failed('altered'),
    maxRuns: 100,
    confirm: 1,
    jobs: 1,
  });
  expect(scenario.timeline).toEqual(nemesis.timeline);
});

test('when the runs are used up, the smallest that failed so far is given and said to be unfinished', async () => {
  const { scenario, runs, unfinished } = await shrink({
    scenario: nemesis,
    codes: new Set(['lost']),
    run: losesBy(0),
    maxRuns: 3,
    confirm: 1,
    jobs: 1,
  });
  expect({ runs, unfinished }).toEqual({ runs: 3, unfinished: true });
  expect(scenario.timeline.length).toBeLessThan(12);
});

test('expectations count only where nothing else failed, each by its own text', async () => {
  expect(failureCodes(failed('lost', 'expectation'))).toEqual(new Set(['lost']));
  expect(failureCodes(missed('503'))).toEqual(new Set(['expectation: 503']));
  const { scenario } = await shrink({
    scenario: nemesis,
    codes: failureCodes(missed('web answers 503')),
    // Without any fault another expectation is missed.
    run: async (candidate) =>
      candidate.timeline.length === 0 ? missed('jobs fail meanwhile') : missed('web answers 503'),
    maxRuns: 40,
    confirm: 1,
    jobs: 1,
  });
  expect(scenario.timeline).toHaveLength(1);
});

test('an interrupt and a run that can not be carried out lose nothing that was found', async () => {
  const abort = new AbortController();
  let runs = 0;
  const found = await shrink({
    scenario: nemesis,
    codes: new Set(['lost']),
    run: async (candidate) => {
      runs += 1;
      if (runs === 1) return undefined;
      if (runs === 4) abort.abort();
      return losesBy(0)(candidate);
    },
    signal: abort.signal,
    maxRuns: 40,
    confirm: 1,
    jobs: 1,
  });
  expect(found.unfinished).toBe(true);
  expect(found.scenario.timeline.length).toBeLessThan(12);
});

test('the file that is written is a scenario that can be run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shrunk-'));
  try {
    const file = join(folder, 'found.ts');
    const scenario = { ...nemesis, name: 'found' };
    const origin = { run: 'r', steps: 12, sentence: 'Fail */ it', command: 'run ./found.ts' };
    writeFileSync(file, scenarioText(scenario, origin));
    expect(await loadScenario(file)).toEqual(scenario);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what was expected of steps that are left out is left out too, so that the file can be run', async () => {
  const whole = await loadScenario('dns-matrix');
  const probe = { at: 1, probe: 'kept' } as const;
  const guide = { at: 2, recover: 'guide: count the failed jobs' } as const;
  const expected = (label: string) =>
    ({
      kind: 'must',
      text: label,
      about: 'probe',
      label,
      endpoint: 'GET /api/public/health',
      status: 200,
    }) as const;
  const ofGuide = { kind: 'must', text: 'counted', about: 'guide', step: guide.recover, did: 'x' } as const;
  const scenario: Scenario = {
    ...whole,
    name: 'found',
    timeline: [...whole.timeline, probe, guide],
    expect: [...whole.expect, expected('kept'), ofGuide],
  };
  const options = { scenario, codes: new Set(['lost']), maxRuns: 40, confirm: 1, jobs: 1 };
  const found = await shrink({
    ...options,
    run: async ({ timeline }) => (timeline.includes(probe) ? failed('lost') : failed()),
  });
  expect(found.scenario.timeline).toHaveLength(1);
  expect(found.scenario.expect.filter((each) => each.about === 'probe')).toEqual([expected('kept')]);
  expect(found.scenario.expect).not.toContain(ofGuide);
  expect(found.scenario.expect).toEqual(
    expect.arrayContaining(whole.expect.filter(({ about }) => about !== 'probe')),
  );
  const folder = mkdtempSync(join(tmpdir(), 'shrunk-'));
  try {
    const file = join(folder, 'found.ts');
    const origin = { run: 'r', steps: 3, sentence: 'Fail it', command: 'run ./found.ts' };
    writeFileSync(file, scenarioText(found.scenario, origin));
    expect(await loadScenario(file)).toEqual(found.scenario);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
