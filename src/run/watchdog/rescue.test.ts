import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { bindFault } from '../../faults/catalogue.ts';
import type { StackState } from '../../stack/embedded/state.ts';
import { stacksFolder } from '../../stack/folder.ts';
import { identify, type ProcessIdentity } from '../../stack/processes.ts';
import { DEFAULT_SPEC } from '../../stack/spec.ts';
import { type BaseState, createState } from '../../stack/state.ts';
import { Journal, openFaults } from '../journal.ts';
import { RunFolder } from '../run-folder.ts';
import { cleanUpAfter, takeLease } from './rescue.ts';

const journalLine = vi.hoisted(() => ({ refused: '' }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (...args: Parameters<typeof fs.writeSync>) => {
    const { refused } = journalLine;
    if (refused !== '' && String(args[1]).includes(refused))
      throw new Error('ENOSPC: no space left on device');
    return fs.writeSync(...args);
  };
  return { ...fs, writeSync };
});

let temporary: string;
let folder: RunFolder;
let said: string[];
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'rescue-'));
  vi.stubEnv('TMPDIR', temporary);
  folder = new RunFolder(join(temporary, 'run'));
  mkdirSync(folder.path);
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  journalLine.refused = '';
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const harness: ProcessIdentity = { pid: process.pid, startTime: 'before this process' };
const anotherOne: ProcessIdentity = { pid: process.pid, startTime: 'long before' };

function makeStack(id: string, owner: ProcessIdentity, worker?: ProcessIdentity): void {
  createState(join(stacksFolder(), id), {
    version: 2,
    id,
    spec: DEFAULT_SPEC,
    owner,
    detached: false,
    components: worker ? { worker: { process: worker } } : {},
  } as StackState);
}

test('a lost lease that cannot be noted does not keep the faults from being undone', async () => {
  new Journal(folder.journalFile, join(temporary, 'gone')).injecting(
    bindFault({ name: 'killed', on: 'worker' }),
  );
  journalLine.refused = 'lease-lost';
  await takeLease(folder.path);
  expect(openFaults(folder.journalFile)).toEqual([]);
  expect(said.join('\n')).toMatch(/can't be written: ENOSPC[\s\S]*killed on worker: gone with its stack/);
  expect(readFileSync(folder.journalFile, 'utf8')).not.toContain('lease-lost');
});

test("a stack of another run that can't be removed does not keep the own one, which takes longer", async () => {
  const [stuck, own] = ['aaaaaaaaaa', 'bbbbbbbbbb'];
  makeStack(stuck, anotherOne);
  // In the way of its removal.
  mkdirSync(join(stacksFolder(), `.gone-${process.pid}-${stuck}`, 'in the way'), { recursive: true });
  const worker = spawn('sleep', ['1000']);
  onTestFinished(() => void worker.kill('SIGKILL'));
  makeStack(own, harness, identify(worker.pid ?? 0));
  await cleanUpAfter(folder.path, harness);
  expect(readdirSync(stacksFolder())).toEqual([`.gone-${process.pid}-${stuck}`, stuck]);
  expect(said.join('\n')).toMatch(/ended stack bbbbbbbbbb[\s\S]*a stack could not be removed: .*ENOTEMPTY/);
});

test('of an external target it says that it let go of it, since nothing of that is ended', async () => {
  createState(join(stacksFolder(), 'cccccccccc'), {
    ...{ version: 2, id: 'cccccccccc', owner: harness, detached: false, byHand: false },
    ...{ spec: { kind: 'external', file: '/staging.yml' }, touched: [] },
  } as BaseState);
  await cleanUpAfter(folder.path, harness);
  expect(readdirSync(stacksFolder())).toEqual([]);
  expect(said.join('\n')).toMatch(/let go of external:\/staging\.yml \(stack cccccccccc\): .* runs on/);
  expect(said.join('\n')).not.toMatch(/(removed|ended) stack/);
});
