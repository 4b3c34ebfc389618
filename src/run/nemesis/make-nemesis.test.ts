import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { bindFault } from '../../faults/catalogue.ts';
import type { FaultStep, RecoveryStep } from '../../scenario/scenario.ts';
import { parseScenario } from '../../scenario/schema.ts';
import { DEFAULT_LIMITS, fewerText, makeNemesis } from './make-nemesis.ts';
import { MENU } from './menu.ts';

const faultsOf = (seed: string, limits = DEFAULT_LIMITS) =>
  makeNemesis(createRandom(seed), limits).timeline as FaultStep[];

test('everything on the menu is in the fault catalogue, with parameters that fit', () => {
  for (const { fault, on, parameters } of MENU) {
    expect(() => bindFault({ name: fault, on, ...parameters?.(createRandom('any')) })).not.toThrow();
  }
});

test('the same seed gives the same faults, another seed others', () => {
  expect(faultsOf('7')).toEqual(faultsOf('7'));
  expect(faultsOf('7')).not.toEqual(faultsOf('8'));
});

test('whatever the seed, the scenario is valid and within its limits', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      (seed, count, atOnce) => {
        const limits = { ...DEFAULT_LIMITS, count, atOnce, seconds: 40 };
        const scenario = makeNemesis(createRandom(seed), limits);
        parseScenario(scenario, 'nemesis');
        const steps = scenario.timeline as FaultStep[];
        expect(steps.length).toBeGreaterThan(0);
        expect(steps.length).toBeLessThanOrEqual(count);
        for (const { at, for: seconds } of steps) {
          expect(seconds).toBeGreaterThanOrEqual(limits.shortest);
          expect(seconds).toBeLessThanOrEqual(limits.longest);
          expect(at + seconds).toBeLessThanOrEqual(limits.seconds + 2);
          const active = steps.filter((other) => other.at <= at && at < other.at + other.for);
          expect(active.length).toBeLessThanOrEqual(atOnce);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a fault is not hidden behind one that lets nothing through', () => {
  const limits = { ...DEFAULT_LIMITS, on: ['web→s3', 'worker→clickhouse'], faults: ['refused'], count: 12 };
  for (let seed = 0; seed < 50; seed += 1) {
    const steps = faultsOf(String(seed), limits);
    const overlap = steps.some((a) => steps.some((b) => a !== b && a.at <= b.at && b.at < a.at + a.for));
    expect(overlap).toBe(false);
  }
});

test('only what is asked for is drawn, and what is not on the menu is refused by name', () => {
  const steps = faultsOf('1', { ...DEFAULT_LIMITS, faults: ['refused'], on: ['worker→clickhouse'] });
  expect(new Set(steps.map(({ fault }) => `${fault.name} ${fault.on}`))).toEqual(
    new Set(['refused worker→clickhouse']),
  );
  expect(() => faultsOf('1', { ...DEFAULT_LIMITS, faults: ['earthquake'] })).toThrow('"earthquake"');
  expect(() => faultsOf('1', { ...DEFAULT_LIMITS, faults: ['refused'], on: ['redis'] })).toThrow(
    'None of these faults fits any of these places',
  );
  expect(() => faultsOf('1', { ...DEFAULT_LIMITS, seconds: 1 })).toThrow('finds no place');
});

test('it claims no more than its recovery steps can show', () => {
  const proven = (...recovery: RecoveryStep[]) =>
    makeNemesis(createRandom('7'), { ...DEFAULT_LIMITS, recovery }).proves;
  expect(proven()).toBe('Under 4 random faults everything acknowledged comes back by itself.');
  expect(proven('retry failed jobs')).toMatch(/ comes back with the retry\.$/);
  expect(proven('retry failed jobs', 'replay from S3')).toMatch(/ nothing acknowledged is lost for good\.$/);
});

test('a longest length below the shortest is refused, not bent', () => {
  expect(() => faultsOf('1', { ...DEFAULT_LIMITS, longest: 1 })).toThrow(
    'The longest that a fault may last, 1 s, is below the shortest, 1.5 s.',
  );
});

test('of more faults than there is time for, it is told how many fit', () => {
  const limits = { ...DEFAULT_LIMITS, count: 100 };
  const fitting = makeNemesis(createRandom('7'), limits);
  expect(fewerText(fitting, limits)).toBe(`${fitting.timeline.length} of 100 faults fit into 20 s`);
  expect(fewerText(makeNemesis(createRandom('7'), DEFAULT_LIMITS), DEFAULT_LIMITS)).toBeUndefined();
});
