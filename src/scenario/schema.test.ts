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

const refused = (at: number, seconds: number) => ({
  at,
  for: seconds,
  fault: { name: 'refused', on: 'worker→clickhouse' },
});

test('what could not be judged is refused: faults that overlap, steps out of order, expectations without a bound', () => {
  const parse = (change: object) => () => parseScenario({ ...good, ...change }, 'x.ts');
  expect(parse({ timeline: [refused(1, 5), refused(3, 1)] })).toThrow(
    'two faults on worker→clickhouse overlap',
  );
  expect(parse({ timeline: [refused(1, 2), refused(3, 1)] })).not.toThrow();
  expect(parse({ recovery: ['replay from S3', 'retry failed jobs'] })).toThrow(
    'the retry comes before the replay',
  );
  expect(parse({ recovery: ['replay from S3', 'replay from S3'] })).toThrow('each at most once');
  const unbounded = { kind: 'must', text: 'x', about: 'missing', at: 'settled' };
  expect(parse({ expect: [unbounded] })).toThrow('needs atLeast or atMost');
  expect(parse({ expect: [{ ...unbounded, atLeast: 2, atMost: 1 }] })).toThrow('needs atLeast or atMost');
});
