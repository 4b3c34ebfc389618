import { expect, test } from 'vitest';
import type { Scenario } from '../scenario/scenario.ts';
import type { StackSpec } from '../stack/spec.ts';
import { whyImpossible } from './possible.ts';

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
  ['no other version', source, undefined, 'add --upgrade-to'],
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

test('one by another version of the same kind is not, and one that is not needed matters to nobody', () => {
  expect(whyImpossible(upgrade, embedded, safe)).toEqual([]);
  expect(whyImpossible({ ...upgrade, timeline: [] }, embedded)).toEqual([]);
});
