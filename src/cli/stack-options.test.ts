import { expect, test } from 'vitest';
import { seedWords } from './stack-options.ts';

test('a command is repeated with its seed, but at an external target, where the same traffic is refused', () => {
  const embedded = { kind: 'embedded', pipeline: 'safe' } as const;
  expect(seedWords('7', embedded)).toEqual(['--seed', '7']);
  expect(seedWords('7', embedded, { kind: 'external', file: '/staging.yml' })).toEqual([]);
});
