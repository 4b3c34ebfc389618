import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadScenario, scenarioNames } from '../src/run/load-scenario.ts';
import { scenarioPage } from '../src/run/scenario-page.ts';
import { WAY_NUMBERS } from '../src/scenario/ways.ts';

test('the README is what the scenarios make it', async () => {
  const stored = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  expect(stored, 'run `npm run docs`').toBe(await scenarioPage());
});

test('every known way to lose events is made to happen by a scenario', async () => {
  const scenarios = await Promise.all(scenarioNames().map(loadScenario));
  const shown = new Set(scenarios.flatMap(({ ways = [] }) => ways));
  expect(WAY_NUMBERS.filter((way) => !shown.has(way))).toEqual([]);
});
