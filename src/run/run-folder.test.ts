import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunFolder, whatIsLeft } from './run-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-folder-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('of a run that did not come to its end the folder is named, and how to judge it once something was sent', () => {
  const folder = new RunFolder(root);
  expect(whatIsLeft(folder)).toEqual([`run folder: ${relative('', root)}`]);
  writeFileSync(folder.historyFile, '');
  expect(whatIsLeft(folder).at(-1)).toContain(`langfuse-chaos verify ${folder.name} `);
});
