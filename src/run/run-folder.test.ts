import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHistoryWriter } from '../history/writer.ts';
import { createRunFolder, makeLatest, openRunFolder, RunFolder, whatIsLeft } from './run-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-folder-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('of a run that did not come to its end the folder is named, and how to judge it once something was sent', () => {
  const folder = new RunFolder(root);
  expect(whatIsLeft(folder, true)).toEqual([`run folder: ${relative('', root)}`]);
  const history = openHistoryWriter(folder.historyFile, { run: 'a', seed: '1', projectId: 'p' });
  history.close();
  expect(whatIsLeft(folder, true), 'it holds no request').toHaveLength(1);
  rmSync(folder.historyFile);
  openHistoryWriter(folder.historyFile, { run: 'a', seed: '1', projectId: 'p' }).sent({
    at: 1,
    path: '/api/public/ingestion',
    bodyJson: '{}',
  });
  expect(whatIsLeft(folder, true).at(-1)).toContain(`langfuse-chaos verify ${folder.name} `);
  expect(whatIsLeft(folder, false), 'its record is of some time before').toHaveLength(1);
});

test('on a full disk a file of it says so, what to do, and stays as it was', () => {
  const folder = new RunFolder(root);
  folder.writeJson(folder.runFile, { before: true });
  symlinkSync('/dev/full', `${folder.runFile}.new`);
  expect(() => folder.writeJson(folder.runFile, {})).toThrow(
    /run\.json can't be written: ENOSPC: no space left on device.*\n {2}next: make room [\s\S]*\(E_RUN_FOLDER/,
  );
  expect(readFileSync(folder.runFile, 'utf8')).toContain('before');
});

test('where no link can be made the run goes on, and it is said what `latest` is not', () => {
  const { LANGFUSE_CHAOS_REPORTS: before } = process.env;
  process.env.LANGFUSE_CHAOS_REPORTS = root;
  try {
    const folder = createRunFolder('first');
    mkdirSync(join(root, 'latest'));
    expect(makeLatest(folder)).toMatch(/^`latest` does not lead to this run: E[A-Z]+: .*directory/);
    expect(readdirSync(root).sort(), 'nothing is left of the try').toEqual(['first', 'latest']);
    rmSync(join(root, 'latest'), { recursive: true });
    expect(makeLatest(folder)).toBeUndefined();
    expect(readlinkSync(join(root, 'latest'))).toBe('first');
  } finally {
    if (before === undefined) delete process.env.LANGFUSE_CHAOS_REPORTS;
    else process.env.LANGFUSE_CHAOS_REPORTS = before;
  }
});

test('`latest` is the run that last was about to send something, and no start that failed', () => {
  const { LANGFUSE_CHAOS_REPORTS: before } = process.env;
  process.env.LANGFUSE_CHAOS_REPORTS = root;
  try {
    const first = createRunFolder('first');
    expect(existsSync(join(root, 'latest'))).toBe(false);
    makeLatest(first);
    createRunFolder('second');
    expect(openRunFolder('latest').path).toBe(join(root, 'latest'));
    expect(readlinkSync(join(root, 'latest'))).toBe('first');
    makeLatest(createRunFolder('third'));
    expect(readlinkSync(join(root, 'latest'))).toBe('third');
  } finally {
    if (before === undefined) delete process.env.LANGFUSE_CHAOS_REPORTS;
    else process.env.LANGFUSE_CHAOS_REPORTS = before;
  }
});
