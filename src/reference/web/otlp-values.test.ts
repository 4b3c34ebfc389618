import { expect, test } from 'vitest';
import { readAttributes, toHex, toIso } from './otlp-values.ts';

const plain = (value: object) => readAttributes([{ key: 'k', value }]).k;

test.each([
  [{ stringValue: '' }, ''],
  [{ doubleValue: 0.5 }, 0.5],
  [{ boolValue: false }, false],
  [{ intValue: 42 }, 42],
  [{ intValue: 0 }, '{"intValue":0}'],
  [{ intValue: '42' }, Number.NaN],
  [{ arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } }, ['a', 1]],
  [{ arrayValue: {} }, '{"arrayValue":{}}'],
  [{ kvlistValue: { values: [] } }, '{"kvlistValue":{"values":[]}}'],
])('%j is read as %j', (value, expected) => {
  expect(plain(value)).toEqual(expected);
});

test.each([
  ['0', { high: 0, low: 0 }, 0],
  ['-1', { high: -1, low: -1 }, -1],
  ['2^32 + 1', { high: 1, low: 1 }, 4_294_967_297],
  ['2^31, which comes out negative', { high: 0, low: -2_147_483_648 }, -2_147_483_648],
  ['-2, which comes out 2^32 too low', { high: -1, low: -2 }, -4_294_967_298],
])('the integer %s in two halves', (_number, intValue, expected) => {
  expect(plain({ intValue })).toBe(expected);
});

test('a time of JSON is a text or a number of nanoseconds', () => {
  expect(toIso('1700000001500000000')).toBe('2023-11-14T22:13:21.500Z');
  expect(toIso(1_700_000_001_500_000_000)).toBe('2023-11-14T22:13:21.500Z');
  expect(() => toIso('soon')).toThrow('Invalid time value');
});

test('a time in two halves loses 2^32 ns when the lower half has its highest bit set', () => {
  const at = (nanos: bigint) => ({
    high: Number(BigInt.asIntN(32, nanos >> 32n)),
    low: Number(BigInt.asIntN(32, nanos)),
  });
  const low = 1_700_000_000_000_000_000n & ~0xffff_ffffn;
  const exact = (nanos: bigint) => new Date(Number(nanos) / 1e6).toISOString();
  expect(toIso(at(low + 5n))).toBe(exact(low));
  expect(toIso(at(low + 0x8000_0000n))).toBe(exact(low + 0x8000_0000n - 0x1_0000_0000n));
});

test('an id is the hex of its bytes, and so of its text in JSON', () => {
  expect(toHex(Buffer.from('0aff', 'hex'))).toBe('0aff');
  expect(toHex({ data: [10, 255] })).toBe('0aff');
  expect(toHex('0aff')).toBe('30616666');
});
