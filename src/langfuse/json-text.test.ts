import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonOf } from './json-text.ts';

const RUNS = 2000;

test('the JSON of a value is recognized', () => {
  fc.assert(
    fc.property(anyValue(), (value) => {
      expect(isJsonOf(JSON.stringify(value), value)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test('any other text is not: one character changed, left out or put in', () => {
  fc.assert(
    fc.property(
      anyValue(),
      fc.nat(),
      fc.constantFrom('', '"', '\\', ',', '0', 'x', ' ', '}'),
      (value, at, by) => {
        const text = JSON.stringify(value);
        const place = at % (text.length + 1);
        for (const until of [place, place + 1]) {
          const changed = text.slice(0, place) + by + text.slice(until);
          expect(isJsonOf(changed, value)).toBe(changed === text);
        }
      },
    ),
    { numRuns: RUNS },
  );
});

test('the JSON of another value is not', () => {
  fc.assert(
    fc.property(anyValue(), anyValue(), (value, other) => {
      const text = JSON.stringify(other);
      expect(isJsonOf(text, value)).toBe(text === JSON.stringify(value));
    }),
    { numRuns: RUNS },
  );
});

test.each([
  ['null', Number.NaN, true],
  ['null', Number.POSITIVE_INFINITY, true],
  ['0', -0, true],
  ['1e+21', 1e21, true],
  ['[null]', [undefined], true],
  ['{"b":1}', { a: undefined, b: 1 }, true],
  ['{}', { a: undefined }, true],
  ['"\\ud800"', '\ud800', true],
  ['"\ud800"', '\ud800', false],
  ['"a"b"', 'a"b', false],
  ['{"a":1}', { a: 1, b: 2 }, false],
  ['{"a":1,"b":2}', { a: 1 }, false],
  ['[1,2]', [1], false],
  ['[1]', [1, 2], false],
  ['"1"', 1, false],
  ['1', '1', false],
  ['', '', false],
])('%s for %o: %s', (text, value, isIt) => {
  expect(isJsonOf(text, value)).toBe(isIt);
});

test('what is no text is no JSON', () => {
  expect(isJsonOf(undefined, undefined)).toBe(false);
  expect(isJsonOf(1, 1)).toBe(false);
  expect(isJsonOf(null, null)).toBe(false);
});

/** What JSON can hold, with short and long texts, escapes and lone surrogates. */
function anyValue(): fc.Arbitrary<unknown> {
  return fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 });
}
