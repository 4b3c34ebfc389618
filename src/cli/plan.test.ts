import { expect, test } from 'vitest';
import { asSentTo } from '../run/own-back-off.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { trafficText } from './plan.ts';

const scenario: Scenario = {
  name: 'mine',
  proves: 'x',
  traffic: { kind: 'generated', rate: 10, duration: 2, maxBatch: 1, maxBytes: 500 },
  timeline: [],
  recovery: [],
  expect: [],
};

test('where a version takes traces and observations over OTLP only, the plan says that they are sent so', () => {
  const textFor = (version: string, more: Partial<Scenario> = {}) =>
    trafficText(asSentTo({ ...scenario, ...more }, { kind: 'docker', version }), '1');
  expect(textFor('4.16.0')).toMatch(/^generated, .* s, over OTLP, scores excepted$/);
  expect(textFor('3.36.0')).not.toContain('OTLP');
  const dual = { settings: { web: { LANGFUSE_MIGRATION_V4_WRITE_MODE: 'dual' } } };
  expect(textFor('4.16.0', dual)).not.toContain('OTLP');
});
