import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const KNOWN = [
  'refused',
  'reset',
  'latency',
  'clickhouse-error',
  'clickhouse-read-only',
  'redis-full',
  'paused',
];

test.each([
  ['refusd', ' Did you mean "refused"?'],
  ['Refused', ' Did you mean "refused"?'],
  ['clickhouse-readonly', ' Did you mean "clickhouse-read-only"?'],
  ['clickhouse', ' Did you mean "clickhouse-error" or "clickhouse-read-only"?'],
  ['read-only', ' Did you mean "clickhouse-read-only"?'],
  ['full', ' Did you mean "redis-full"?'],
  ['exploded', ''],
  ['x', ''],
  ['', ''],
])('%s:%s', (name, said) => {
  expect(didYouMean(name, KNOWN)).toBe(said);
});

test('the nearest come first, three at most', () => {
  expect(didYouMean('worker-1', ['worker-44', 'worker-2', 'worker-3', 'worker-4', 'worker-5'])).toBe(
    ' Did you mean "worker-2" or "worker-3" or "worker-4"?',
  );
});
