import { expect, test } from 'vitest';
import type { CheckpointSummary, Verdict } from '../../checker/verdict.ts';
import type { RunRecord } from '../../history/run-record.ts';
import type { FaultStep, Scenario } from '../../scenario/scenario.ts';
import { parseScenario } from '../../scenario/schema.ts';
import { outageOf, search } from './search.ts';

const fault = { name: 'refused', on: 'worker→clickhouse' };

/** A run of a target that loses events, of which the retry brings back all that the failed set has. */
function ranWith(
  lost: { settled: number; afterRetry: number },
  more: { doubt?: boolean; altered?: number } = {},
) {
  const checkpoint = (name: string, count: number) =>
    ({
      name,
      outcomes: {
        lost: count,
        vanished: 0,
        altered: more.altered ?? 0,
        duplicated: 0,
        leaked: 0,
        unexpected: 0,
      },
    }) as CheckpointSummary;
  return {
    run: { faults: [{ injectedAt: 1000, recoveredAt: 3500 }] } as unknown as RunRecord,
    verdict: {
      verdict: more.doubt ? 'unknown' : 'pass',
      reasons: more.doubt ? [{ verdict: 'unknown', code: 'fault-not-felt', text: '' }] : [],
      checkpoints: [
        checkpoint('settled', lost.settled),
        checkpoint('after-retry', lost.afterRetry),
        checkpoint('after-replay', 0),
      ],
    } as unknown as Verdict,
  };
}

const secondsOf = (scenario: Scenario) => (scenario.timeline[0] as FaultStep).for;
const range = { fault, shortest: 1, longest: 32, precision: 1, repeats: 2, jobs: 2, set: [] };

test('each way to survive has a border of its own, and no length is run twice', async () => {
  const runs: string[] = [];
  const result = await search({
    ...range,
    run: async (scenario, repeat) => {
      const seconds = secondsOf(scenario);
      runs.push(`${seconds} ${repeat}`);
      return ranWith({ settled: seconds > 3 ? 5 : 0, afterRetry: seconds > 20 ? 2 : 0 });
    },
  });
  const [alone, retry, replay] = result.borders;
  expect(alone?.survived).toBeLessThanOrEqual(3);
  expect(alone?.notSurvived).toBeGreaterThan(3);
  expect(retry?.survived).toBeLessThanOrEqual(20);
  expect(retry?.notSurvived).toBeGreaterThan(20);
  expect(replay).toEqual({ way: 'after replay', survived: 32, uncertain: 0 });
  expect(new Set(runs).size).toBe(runs.length);
});

test('one repeat that loses something is enough', async () => {
  const { borders } = await search({
    ...range,
    run: async (_scenario, repeat) => ranWith({ settled: repeat === 1 ? 1 : 0, afterRetry: 0 }),
  });
  expect(borders[0]).toEqual({ way: 'by itself', notSurvived: 1, uncertain: 0 });
  expect(borders[1]?.survived).toBe(32);
});

test('a run that is unknown does not count as survived', async () => {
  const { borders } = await search({
    ...range,
    repeats: 1,
    run: async () => ranWith({ settled: 0, afterRetry: 0 }, { doubt: true }),
  });
  expect(borders[0]).toMatchObject({ notSurvived: 1, uncertain: 2 });
});

test('what landed with other content is not survived, by no way', async () => {
  const { borders, tried } = await search({
    ...range,
    repeats: 1,
    run: async () => ranWith({ settled: 0, afterRetry: 0 }, { altered: 1 }),
  });
  expect(borders.map(({ notSurvived }) => notSurvived)).toEqual([1, 1, 1]);
  expect(tried[0]?.lasted).toBe(2.5);
});

test('a run that could not be carried out is unknown, and the search goes on', async () => {
  const { borders } = await search({ ...range, run: async () => undefined });
  expect(borders[0]).toMatchObject({ notSurvived: 1, uncertain: 4 });
});

test('the scenario of a length is valid', () => {
  const scenario = outageOf(fault, 12.5, [{ processes: ['worker'], name: 'A', value: 'b' }]);
  expect(() => parseScenario(scenario, 'search')).not.toThrow();
  expect(scenario.settings?.worker?.A).toBe('b');
});
