import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StackState } from './embedded/state.ts';
import { stacksFolder } from './folder.ts';
import { identify, type ProcessIdentity } from './processes.ts';
import { detachStack, listStacks, removeLeftovers, removeStack } from './remove.ts';
import { DEFAULT_SPEC } from './spec.ts';
import { createState } from './state.ts';

let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'remove-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const living = identify(process.pid) as ProcessIdentity;
const dead: ProcessIdentity = { pid: process.pid, startTime: 'before this process' };

/** Makes a stack without processes. @returns its folder */
function make(id: string, owner: ProcessIdentity): string {
  const folder = join(stacksFolder(), id);
  createState(folder, {
    version: 2,
    id,
    spec: DEFAULT_SPEC,
    owner,
    detached: false,
    components: {},
  } as StackState);
  return folder;
}

test('lists the stacks with whether their harness lives', async () => {
  const folder = make('aaaaaaaaaa', living);
  make('bbbbbbbbbb', dead);
  expect(await listStacks()).toMatchObject([
    { id: 'aaaaaaaaaa', folder, ownerAlive: true, detached: false },
    { id: 'bbbbbbbbbb', ownerAlive: false, detached: false },
  ]);
});

test('removes what nobody owns, and nothing else', async () => {
  const owned = make('aaaaaaaaaa', living);
  const left = make('bbbbbbbbbb', dead);
  const detached = make('cccccccccc', dead);
  detachStack(detached);
  expect(await removeLeftovers()).toMatchObject([{ id: 'bbbbbbbbbb' }]);
  expect([owned, left, detached].map(existsSync)).toEqual([true, false, true]);
});

test('removes the rest of a removal, and of a making, that was cut off; not one that goes on', async () => {
  const ofRemoval = join(stacksFolder(), 'dddddddddd');
  const ofMaking = join(stacksFolder(), '.new-999999999-eeeeeeeeee');
  const goingOn = join(stacksFolder(), `.new-${process.pid}-ffffffffff`);
  const programs = join(stacksFolder(), 'postgres-18.4.0');
  for (const folder of [ofRemoval, ofMaking, goingOn, programs]) mkdirSync(folder);
  expect(await removeLeftovers()).toEqual([]);
  expect([ofRemoval, ofMaking, goingOn, programs].map(existsSync)).toEqual([false, false, true, true]);
});

test('removes no folder that is not one of a stack', async () => {
  const folder = join(temporary, 'precious');
  mkdirSync(folder);
  await expect(removeStack(folder)).rejects.toMatchObject({ code: 'E_STACK_FOLDER' });
  expect(existsSync(folder)).toBe(true);
});

test('to remove a stack twice does no harm', async () => {
  const folder = make('aaaaaaaaaa', living);
  await removeStack(folder);
  await removeStack(folder);
  expect(existsSync(folder)).toBe(false);
});

test('several who remove the same stack at the same time do no harm', async () => {
  const folder = make('aaaaaaaaaa', dead);
  await Promise.all([removeStack(folder), removeLeftovers(), removeStack(folder)]);
  expect(readdirSync(stacksFolder())).toEqual([]);
});

test('a stack whose removal was cut off after it had lost its name is none, and is removed to the end', async () => {
  const [cutOff, goingOn] = [999_999_999, process.pid].map((pid, index) => {
    const renamed = join(stacksFolder(), `.gone-${pid}-aaaaaaaaa${index}`);
    renameSync(make(`aaaaaaaaa${index}`, dead), renamed);
    return renamed;
  });
  expect(await listStacks()).toEqual([]);
  expect(await removeLeftovers()).toEqual([]);
  expect([cutOff, goingOn].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
});
