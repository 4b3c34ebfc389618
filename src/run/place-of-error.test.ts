import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeOfError } from './place-of-error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'place-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The place of what Node itself says of a module: the test's own loader has other words. */
function placeIn(text: string, others: Readonly<Record<string, string>> = {}): string | undefined {
  for (const [name, other] of Object.entries(others)) writeFileSync(join(folder, name), other);
  const path = join(folder, 'mine.ts');
  writeFileSync(path, text);
  const script = `import(${JSON.stringify(pathToFileURL(path).href)}).catch((error) => process.stdout.write(error.stack))`;
  const error = new Error('as Node has it');
  error.stack = execFileSync(process.execPath, ['--eval', script], { encoding: 'utf8' });
  return placeOfError(error, path);
}

test('a mistake in a module has its line and column', () => {
  expect(placeIn("export default {\n  name: 'mine'\n  proves: 'x',\n};\n")).toBe('line 3, column 3');
  expect(placeIn('enum A { B }\nexport default {};\n')).toBe('line 1, column 1');
  expect(placeIn('export default {\n  name: mine,\n};\n')).toBe('line 2, column 9');
});

test('one in what it imports has that file, and where nothing is told nothing is made up', () => {
  expect(
    placeIn("import { a } from './other.ts';\nexport default a;\n", { 'other.ts': 'export const a = ,;\n' }),
  ).toBe(`${join(folder, 'other.ts')}, line 1, column 18`);
  expect(placeOfError(new Error('x', {}), '/mine.ts') ?? '').not.toContain('undefined');
  expect(placeOfError('thrown', '/mine.ts')).toBeUndefined();
});
