import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BoundFault } from '../faults/catalogue.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import { Journal, openFaults } from './journal.ts';
import { RunFolder } from './run-folder.ts';
import { undoFaultsOf, undoOpenFaults } from './undo.ts';

const recovered = vi.hoisted((): string[] => []);
vi.mock('../faults/catalogue.ts', () => ({
  bindFault: ({ name }: FaultSpec) => ({ recover: async () => void recovered.push(name) }),
}));
vi.mock('../stack/stacks.ts', () => ({ attachStack: async () => ({}) }));

const disk = vi.hoisted(() => ({ full: false }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const unlessFull = <Args extends unknown[], Result>(write: (...args: Args) => Result) => {
    return (...args: Args) => {
      if (disk.full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return write(...args);
    };
  };
  return { ...fs, writeSync: unlessFull(fs.writeSync), writeFileSync: unlessFull(fs.writeFileSync) };
});

let reports: string;
let folder: RunFolder;
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'undo-'));
  vi.stubEnv('LANGFUSE_CHAOS_REPORTS', reports);
  vi.stubEnv('TMPDIR', reports);
  folder = new RunFolder(join(reports, 'run'));
  const stackFolder = join(reports, 'stack');
  mkdirSync(folder.path);
  mkdirSync(stackFolder);
  const journal = new Journal(folder.journalFile, stackFolder);
  for (const name of ['refused', 'killed']) journal.injecting({ spec: { name, on: 'worker' } } as BoundFault);
});
afterEach(() => {
  disk.full = false;
  recovered.length = 0;
  vi.unstubAllEnvs();
  rmSync(reports, { recursive: true });
});

test('undoes every fault and strikes it out', async () => {
  const results = await undoFaultsOf(folder, 'watchdog');
  expect(results.map(({ undone }) => undone)).toEqual([true, true]);
  expect(recovered).toEqual(['refused', 'killed']);
  expect(openFaults(folder.journalFile)).toEqual([]);
});

test('of a stack that is gone: whether its processes went with it, or a target was put back that goes on', async () => {
  await undoFaultsOf(folder, 'watchdog');
  const gone = join(reports, 'gone');
  new Journal(folder.journalFile, gone).injecting({ spec: { name: 'killed', on: 'web' } } as BoundFault);
  expect((await undoFaultsOf(folder, 'watchdog'))[0]?.result).toBe('gone with its stack');
  const journal = new Journal(folder.journalFile, gone, 'external');
  journal.injecting({ spec: { name: 'killed', on: 'web' } } as BoundFault);
  const [left] = await undoFaultsOf(folder, 'watchdog');
  expect(left).toMatchObject({ result: 'undone already: the target was put back as it was', undone: true });
});

test('on a full disk, too, every fault is undone; what could not be struck out is struck out later', async () => {
  disk.full = true;
  const results = await undoFaultsOf(folder, 'watchdog');
  expect(recovered).toEqual(['refused', 'killed']);
  for (const { undone, result } of results) {
    expect(undone).toBe(false);
    expect(result).toMatch(/^undone, but still in the journal: .*ENOSPC/);
  }
  expect(await undoOpenFaults()).toHaveLength(2);
  disk.full = false;
  expect((await undoOpenFaults()).every(({ undone }) => undone)).toBe(true);
  expect(openFaults(folder.journalFile)).toEqual([]);
});
