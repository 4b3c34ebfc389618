import { expect, test } from 'vitest';
import type { Scenario } from '../scenario/scenario.ts';
import { listText } from './list.ts';

const scenario: Scenario = {
  name: 'blip',
  proves: 'That it works.',
  traffic: { kind: 'generated', rate: 1, duration: 5, maxBatch: 1, maxBytes: 100 },
  timeline: [],
  recovery: [],
  expect: [],
};

test('the list says of each scenario how long its traffic is and how it is expected to end', () => {
  const entries = [
    { scenario, trafficMs: 10_460 },
    {
      scenario: {
        ...scenario,
        name: 'stale-merge',
        reproduces: 'langfuse#1',
        failsOnV3360With: ['vanished'],
      },
      trafficMs: 8000,
    },
  ] as const;
  expect(listText(entries)).toBe(
    `blip         10.5 s  pass
  That it works.
stale-merge     8 s  fail (vanished)
  That it works.
  reproduces langfuse#1`,
  );
});
