import { expect, test } from 'vitest';
import { renderPlan } from './plan.ts';
import type { Scenario } from './scenario.ts';

const upgrade: Scenario = {
  name: 'upgrade',
  proves: 'It can be upgraded.',
  traffic: { kind: 'generated', rate: 10, duration: 30, maxBatch: 2, maxBytes: 500 },
  timeline: [
    { at: 12.5, replace: 'worker', by: 'own' },
    { at: 2, for: 4, fault: { name: 'refused', on: 'worker→clickhouse' } },
    { at: 7, replace: 'worker', by: 'other' },
    { at: 8, probe: 'mixed' },
  ],
  recovery: ['retry failed jobs'],
  expect: [{ kind: 'must', text: 'nothing is missing', about: 'missing', at: 'after-retry', atMost: 0 }],
};

test('an upgrade is printed as a numbered tree, with the names of both versions', () => {
  const versions = { own: 'docker:3.36.0', other: 'docker:3.225.4' };
  expect(renderPlan(upgrade, '7', 'generated', versions)).toBe(`upgrade (seed 7)
├─ proves: It can be upgraded.
├─ versions: own docker:3.36.0, other docker:3.225.4
├─ traffic: generated
├─ timeline (seconds since the traffic began)
│  ├─ 1.    2.0 s  inject refused on worker→clickhouse
│  ├─ 2.    6.0 s  recover refused on worker→clickhouse
│  ├─ 3.    7.0 s  replace worker by the other version (docker:3.225.4)
│  ├─ 4.    8.0 s  ask every endpoint: mixed
│  └─ 5.   12.5 s  put the own worker back (docker:3.36.0)
├─ after the traffic
│  ├─ heal every fault; checkpoint heal
│  ├─ settle within 120 s; checkpoint settled
│  ├─ retry failed jobs, settle; checkpoint after-retry
│  └─ judge
└─ expects
   └─ must: nothing is missing
`);
});

test('without the versions it says the same, without their names', () => {
  expect(renderPlan(upgrade, '7', 'generated')).toContain('replace worker by the other version\n');
});

test('where no fault is injected nothing is said to be healed', () => {
  const checked = renderPlan({ ...upgrade, timeline: [] }, '7', 'generated');
  expect(checked).toContain('│  ├─ checkpoint heal\n');
});
