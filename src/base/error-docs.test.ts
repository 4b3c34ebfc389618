import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');

/** Every code that is thrown somewhere, tests aside. */
function codesInSource(): Set<string> {
  const files = globSync(['src/**/*.ts', 'setup/**/*.mjs'], { cwd: root }).filter(
    (file) => !file.includes('.test.'),
  );
  return new Set(
    files.flatMap((file) =>
      [...read(file).matchAll(/code: '(E_[A-Z0-9_]+)'/g)].map((match) => match[1] ?? ''),
    ),
  );
}

test('every error code has an entry in docs/errors.md', () => {
  const documented = new Set(
    [...read('docs/errors.md').matchAll(/^### (E_\w+)$/gm)].map((match) => match[1]),
  );
  const codes = codesInSource();
  expect(codes.size).toBeGreaterThan(20);
  expect([...codes].filter((code) => !documented.has(code))).toEqual([]);
});
