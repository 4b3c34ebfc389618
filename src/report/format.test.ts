import { expect, test } from 'vitest';
import {
  cut,
  formatCount,
  formatDuration,
  formatInstant,
  formatOffset,
  formatQuantity,
  formatRate,
  printable,
} from './format.ts';

test.each([
  [0, '0 ms'],
  [99, '99 ms'],
  [100, '0.1 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min 00 s'],
  [3_599_499, '59 min 59 s'],
  [3_600_000, '1 h 00 min'],
  [-1_500, '-1.5 s'],
  [Number.NaN, 'unknown'],
])('a duration of %d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, '0:00.0'],
  [-30, '0:00.0'],
  [-3_000, '-0:03.0'],
  [12_440, '0:12.4'],
  [59_960, '1:00.0'],
  [3_723_500, '1:02:03.5'],
])('a moment %d ms from zero is %s', (ms, text) => {
  expect(formatOffset(ms)).toBe(text);
});

test('counts, rates, quantities and instants', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect([0, 0.04, 9.94, 9.96, 1234.5].map(formatRate)).toEqual(['0', '0.0', '9.9', '10', '1,235']);
  expect([formatQuantity(1, 'entity', 'entities'), formatQuantity(2, 'entity', 'entities')]).toEqual([
    '1 entity',
    '2 entities',
  ]);
  expect(formatInstant(0)).toBe('1970-01-01 00:00:00 UTC');
  expect(formatInstant(Number.NaN)).toBe('unknown');
});

test('what could act on a terminal, a browser or an XML parser becomes visible', () => {
  expect(printable('a\u001b[31mb\u0007\u0000\u009b')).toBe('a\\u{1b}[31mb\\u{7}\\u{0}\\u{9b}');
  expect(printable('1\n2\r3\t4\u2028')).toBe('1\\n2\\r3\\t4\\u{2028}');
  expect(printable('\u202eabc\ud800\uffff')).toBe('\\u{202e}abc\\u{d800}\\u{ffff}');
  expect(printable('Zürich 漢字 👩\u200d💻')).toBe('Zürich 漢字 👩\u200d💻');
});

test('a cut text has its length and never half a character', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdefg', 6)).toBe('abcde…');
  expect(cut('abcd💥fg', 6)).toBe('abcd…');
});
