import { expect, test } from 'vitest';
import { ChaosError } from '../base/errors.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { StackSpec } from '../stack/spec.ts';
import { requirePossible, whyImpossible } from './possible.ts';

const upgrade: Scenario = {
  name: 'upgrade',
  proves: 'x',
  traffic: { kind: 'generated', rate: 1, duration: 1, maxBatch: 1, maxBytes: 100 },
  timeline: [{ at: 1, replace: 'worker', by: 'other' }],
  recovery: [],
  expect: [],
};
const embedded: StackSpec = { kind: 'embedded', pipeline: 'v3.36.0' };
const safe: StackSpec = { kind: 'embedded', pipeline: 'safe' };
const source: StackSpec = { kind: 'source', directory: '/langfuse' };

test.each<[string, StackSpec, StackSpec | undefined, string]>([
  ['no other version', source, undefined, 'none is named'],
  ['the same version', safe, safe, 'which it is already'],
  [
    'the same version under another name',
    { kind: 'docker' },
    { kind: 'docker', version: '3.36.0' },
    'which it is already',
  ],
  ['another kind', embedded, source, 'do not share a database schema'],
])('a replacement by %s is refused', (_name, spec, other, text) => {
  expect(whyImpossible(upgrade, spec, other).join()).toContain(text);
});

test('where something would make it possible, that is what to do next', () => {
  const next = (run: () => void) => {
    try {
      run();
    } catch (error) {
      if (error instanceof ChaosError) return error.parts.remedy;
    }
    throw new Error('it was taken');
  };
  expect(next(() => requirePossible(upgrade, source))).toBe(
    'name it: add --upgrade-to source:…, with the version or folder.',
  );
  expect(next(() => requirePossible(upgrade, docker('3.36.0'), docker('4.16.0')))).toContain(
    '--set LANGFUSE_MIGRATION_V4_WRITE_MODE=dual',
  );
  expect(next(() => requirePossible(upgrade, safe, safe))).toContain('another stack');
});

test('one by another version of the same kind is not, and one that is not needed matters to nobody', () => {
  expect(whyImpossible(upgrade, embedded, safe)).toEqual([]);
  expect(whyImpossible({ ...upgrade, timeline: [] }, embedded)).toEqual([]);
});

const docker = (version?: string): StackSpec => ({ kind: 'docker', ...(version ? { version } : {}) });
const overOtlp: Scenario = {
  ...upgrade,
  traffic: { ...upgrade.traffic, protocol: 'otlp' } as Scenario['traffic'],
};
const mode = (LANGFUSE_MIGRATION_V4_WRITE_MODE: string): Partial<Scenario> => ({
  settings: { web: { LANGFUSE_MIGRATION_V4_WRITE_MODE } },
});

test.each<[string, string, Partial<Scenario>, string]>([
  ['3.36.0', '3.225.4', {}, 'worker converts, not web converts'],
  ['3.225.4', '3.36.0', {}, 'web converts, not worker converts'],
  ['3.36.0', '4.16.0', mode('dual'), 'worker converts, not web converts'],
  ['4.16.0', '3.225.4', {}, 'worker converts, not one row'],
  ['3.36.0', '3.60.0', {}, 'what docker:3.60.0 makes of spans is not known'],
])('spans over a change from %s to %s %j are refused', (from, to, more, text) => {
  expect(whyImpossible({ ...overOtlp, ...more }, docker(from), docker(to)).join()).toContain(text);
});

test.each<[string | undefined, string, Partial<Scenario>]>([
  ['3.36.0', '3.40.0', {}],
  ['3.113.0', '3.225.4', {}],
  ['3.225.4', '4.16.0', mode('dual')],
  ['4.0.0', '4.16.0', {}],
  [undefined, '3.225.4', {}],
])(
  'spans over a change from %s to %s %j are not: both store them alike, or it is not known before',
  (from, to, more) => {
    expect(whyImpossible({ ...overOtlp, ...more }, docker(from), docker(to))).toEqual([]);
  },
);

test('what goes to the ingestion API may change its version', () => {
  expect(whyImpossible(upgrade, docker('3.36.0'), docker('3.225.4'))).toEqual([]);
  // This one sends spans whatever the scenario says.
  expect(whyImpossible(upgrade, docker('4.16.0'), docker('3.225.4')).join()).toContain('not one row');
});
