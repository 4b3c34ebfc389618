import { expect, test } from 'vitest';
import { loadScenario, scenarioNames } from '../src/run/load-scenario.ts';
import { WAY_NUMBERS } from '../src/scenario/ways.ts';

test('every known way to lose events is made to happen by a scenario', async () => {
  const scenarios = await Promise.all(scenarioNames().map((name) => loadScenario(name)));
  const shown = new Set(scenarios.flatMap(({ ways = [] }) => ways));
  expect(WAY_NUMBERS.filter((way) => !shown.has(way))).toEqual([]);
});
