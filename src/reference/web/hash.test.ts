import { expect, test } from 'vitest';
import { fastHash } from './hash.ts';

test('the hash is sha256 of the key and the hex sha256 of the salt', () => {
  // printf %s "sk-lf-1$(printf %s salt | sha256sum | cut -c1-64)" | sha256sum
  expect(fastHash('sk-lf-1', 'salt')).toBe(
    '4b60b8b29f43ec4b509f4faa962efe11f811c033e672baa5ffdfc52f9ad987d1',
  );
});
