import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stacksFolder } from './folder.ts';

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'folder-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

test('the folder for stacks is made in the folder for temporary files, and may be there', () => {
  vi.stubEnv('TMPDIR', temporary);
  expect(dirname(stacksFolder())).toBe(temporary);
  expect(existsSync(stacksFolder())).toBe(true);
});

test('a folder for temporary files that is not there is not made', () => {
  const mistyped = join(temporary, 'mistyped');
  vi.stubEnv('TMPDIR', mistyped);
  expect(() => stacksFolder()).toThrow(`The folder for temporary files, ${mistyped}, is not there.`);
  expect(existsSync(mistyped)).toBe(false);
  vi.stubEnv('TMPDIR', join(temporary, 'file'));
  writeFileSync(join(temporary, 'file'), '');
  expect(() => stacksFolder()).toThrow("can't be made");
});
