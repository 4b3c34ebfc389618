import { expect, test } from 'vitest';
import type { Expectation, Scenario } from '../scenario/scenario.ts';
import { webEndpoints, withEndpointsOf } from './probe.ts';

const names = (...parameters: Parameters<typeof webEndpoints>) =>
  webEndpoints(...parameters)
    .map(({ name }) => name)
    .filter((name) => name.startsWith('GET'));

const expectation = (endpoint: string): Expectation => ({
  kind: 'must',
  text: `x: ${endpoint} answers 200`,
  about: 'probe',
  label: 'x',
  endpoint,
  status: 200,
});
const missing: Expectation = { kind: 'must', text: 'm', about: 'missing', at: 'settled', atMost: 0 };

test('a target in events_only, which has none of the older reads, is asked by the newer ones', () => {
  const usual = ['traces', 'observations', 'scores', 'health', 'ready'];
  for (const writeMode of [undefined, 'legacy', 'dual'] as const)
    expect(names(writeMode)).toEqual(usual.map((each) => `GET /api/public/${each}`));
  expect(names('events_only')).toEqual(
    ['v2/observations', 'v3/scores', 'health', 'ready'].map((each) => `GET /api/public/${each}`),
  );
});

test('and what a scenario expects of a read is expected of the newer one', () => {
  const scenario = {
    expect: [
      expectation('GET /api/public/traces'),
      expectation('GET /api/public/scores'),
      expectation('POST /api/public/ingestion'),
      missing,
    ],
  } as unknown as Scenario;
  expect(withEndpointsOf(scenario, 'events_only').expect).toEqual([
    expectation('GET /api/public/v2/observations'),
    expectation('GET /api/public/v3/scores'),
    expectation('POST /api/public/ingestion'),
    missing,
  ]);
  expect(withEndpointsOf(scenario, 'dual')).toEqual(scenario);
  expect(withEndpointsOf(scenario, undefined)).toEqual(scenario);
});
