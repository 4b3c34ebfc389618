import { expect, test } from 'vitest';
import { parseScenario } from './schema.ts';

const good = {
  name: 'example',
  proves: 'That it works.',
  traffic: { kind: 'generated', rate: 10, duration: 5, maxBatch: 10, maxBytes: 1000 },
  timeline: [{ at: 1, for: 2, fault: { name: 'refused', on: 'worker→clickhouse' } }],
  recovery: ['replay from S3'],
  expect: [],
};

test('a well-formed scenario passes as it is', () => {
  expect(parseScenario(good, 'example.ts')).toEqual(good);
});

test('a mistake is named with its place', () => {
  const bad = { ...good, traffic: { ...good.traffic, rate: -1 }, recovry: [] };
  expect(() => parseScenario(bad, 'example.ts')).toThrow(
    /^example\.ts is not a scenario:[\s\S]*recovry[\s\S]*traffic\.rate/,
  );
  expect(() => parseScenario(undefined, 'empty.ts')).toThrow('empty.ts is not a scenario');
});
