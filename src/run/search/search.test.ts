import { expect, test } from 'vitest';
import type { CheckpointSummary, Verdict } from '../../checker/verdict.ts';
import type { FaultStep, Scenario } from '../../scenario/scenario.ts';
import { parseScenario } from '../../scenario/schema.ts';
import { outageOf, search } from './search.ts';

const fault = { name: 'refused', on: 'worker→clickhouse' };

/** The verdict of a target that loses `missing` events, of which the retry brings back all that the failed set has. */
function verdictOf(missing: { settled: number; afterRetry: number }, doubt = false): Verdict {
  const checkpoint = (name: string, count: number) =>
    ({
      name,
      missing: { 'not-in-s3': 0, 's3-only': count, queued: 0, 'failed-set': 0, 'clickhouse-hidden': 0 },
    }) as CheckpointSummary;
  return {
    verdict: doubt ? 'unknown' : 'pass',
    reasons: doubt ? [{ verdict: 'unknown', code: 'fault-not-felt', text: '' }] : [],
    checkpoints: [
      checkpoint('settled', missing.settled),
      checkpoint('after-retry', missing.afterRetry),
      checkpoint('after-replay', 0),
    ],
  } as unknown as Verdict;
}

const secondsOf = (scenario: Scenario) => (scenario.timeline[0] as FaultStep).for;
const range = { fault, shortest: 1, longest: 32, precision: 1, repeats: 2, jobs: 2 };

test('each way to survive has a border of its own, and no length is run twice', async () => {
  const runs: string[] = [];
  const result = await search({
    ...range,
    run: async (scenario, repeat) => {
      const seconds = secondsOf(scenario);
      runs.push(`${seconds} ${repeat}`);
      return verdictOf({ settled: seconds > 3 ? 5 : 0, afterRetry: seconds > 20 ? 2 : 0 });
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
    run: async (_scenario, repeat) => verdictOf({ settled: repeat === 1 ? 1 : 0, afterRetry: 0 }),
  });
  expect(borders[0]).toEqual({ way: 'by itself', notSurvived: 1, uncertain: 0 });
  expect(borders[1]?.survived).toBe(32);
});

test('a run that is unknown does not count as survived', async () => {
  const { borders } = await search({
    ...range,
    repeats: 1,
    run: async () => verdictOf({ settled: 0, afterRetry: 0 }, true),
  });
  expect(borders[0]).toMatchObject({ notSurvived: 1, uncertain: 2 });
});

test('the scenario of a length is valid', () => {
  expect(() => parseScenario(outageOf(fault, 12.5, { worker: { A: 'b' } }), 'search')).not.toThrow();
});
