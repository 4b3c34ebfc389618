import { expect, test } from 'vitest';
import { renderScenarioPage } from './page.ts';
import type { Scenario } from './scenario.ts';

const scenario: Scenario = {
  name: 'some-outage',
  proves: 'That a|b.',
  reproduces: 'langfuse#1',
  ways: ['D2', 'D3'],
  traffic: { kind: 'generated', rate: 1, duration: 5, maxBatch: 1, maxBytes: 100 },
  timeline: [
    { at: 1, for: 1, fault: { name: 'refused', on: 'worker->clickhouse' } },
    { at: 3, for: 1, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 1, probe: 'now' },
    { at: 1, send: { name: 'burst' } },
    { at: 2, recover: 'guide: retry all at once' },
  ],
  recovery: [],
  expect: [],
};

const rowOf = (page: string, start: string) => page.split('\n').find((line) => line.startsWith(start));

test('a row says all of a scenario, each kind of step once', () => {
  const page = renderScenarioPage([{ scenario, trafficMs: 5040 }]);
  expect(rowOf(page, '| [`some-outage`]')).toBe(
    '| [`some-outage`](some-outage.ts) | That a\\|b. | langfuse#1 | D2, D3 | `refused` on worker→clickhouse; asks every endpoint; sends `burst`; follows the common guide | 5 s | pass |',
  );
});

test('a way names the scenarios that make it happen, and those of which none does stay empty', () => {
  const page = renderScenarioPage([{ scenario, trafficMs: 5000 }]);
  expect(rowOf(page, '| D3 |')).toMatch(/\| \[`some-outage`\]\(some-outage\.ts\) \|$/);
  expect(rowOf(page, '| D1 |')).toMatch(/\| {2}\|$/);
});

test('a scenario without a fault says so, and one that nothing saves is expected to fail', () => {
  const page = renderScenarioPage([
    { scenario: { ...scenario, timeline: [], failsOnV3360With: ['lost', 'altered'] }, trafficMs: 1 },
  ]);
  expect(rowOf(page, '| [`some-outage`]')).toMatch(/\| no fault \| 0 s \| fail \(lost, altered\) \|$/);
});
