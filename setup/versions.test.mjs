import { describe, expect, test } from 'vitest';
import { PROGRAMS } from './catalogue.mjs';
import { compareVersions, describeRange, findVersion, fits } from './versions.mjs';

describe('what the programs print of their version', () => {
  const { toxiproxy, redis, versitygw } = PROGRAMS;
  test.each([
    ['Toxiproxy of a release', toxiproxy, 'toxiproxy-server version 2.12.0\n', '2.12.0'],
    ['Toxiproxy built without its version', toxiproxy, 'toxiproxy-server version git\n', undefined],
    [
      'Redis',
      redis,
      'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0\n',
      '7.0.15',
    ],
    ['Valkey', redis, 'Valkey server v=9.1.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n', '9.1.4'],
    [
      'versitygw of a release',
      versitygw,
      'Version  : 1.7.0\nBuild    : 5d9d54802d890a3f46a6adc9ee55e15a5a59ab86\nBuildTime: 2026-08-19T16:47:51Z\n',
      '1.7.0',
    ],
    [
      'versitygw built without it',
      versitygw,
      'Version  : git\nBuild    : norev\nBuildTime: none\n',
      undefined,
    ],
  ])('%s', (_, program, output, version) => {
    expect(findVersion(output, program.version)).toBe(version);
  });
});

test('numbers are compared as numbers', () => {
  expect(compareVersions('2.9.0', '2.12.0')).toBeLessThan(0);
  expect(compareVersions('10.0.0', '9.1.4')).toBeGreaterThan(0);
  expect(compareVersions('1.21', '1.21.0')).toBe(0);
});

test.each([
  ['2.11.9', false],
  ['2.12.0', true],
  ['2.99.1', true],
  ['3.0.0', false],
])('%s fits 2.12 up to 3: %s', (version, expected) => {
  expect(fits(version, { atLeast: '2.12.0', below: '3.0.0' })).toBe(expected);
});

test('without an upper end every newer version fits', () => {
  expect(fits('9.1.4', { atLeast: '7.0.0' })).toBe(true);
  expect(fits('6.0.16', { atLeast: '7.0.0' })).toBe(false);
  expect(describeRange({ atLeast: '7.0.0' })).toBe('7.0.0 or newer');
});
