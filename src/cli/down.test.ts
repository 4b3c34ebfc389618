import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DockerState } from '../stack/docker/state.ts';
import type { ExternalState } from '../stack/external/state.ts';
import { stacksFolder } from '../stack/folder.ts';
import { identify, type ProcessIdentity } from '../stack/processes.ts';
import { DEFAULT_SPEC } from '../stack/spec.ts';
import { type BaseState, createState } from '../stack/state.ts';
import { downCommand } from './down.ts';

const ID = 'aaaaaaaaaa';
let temporary: string;
let said: string[];
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'down-test-'));
  vi.stubEnv('TMPDIR', temporary);
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

/** A stack of containers whose engine is away. @returns its folder */
function makeWithoutEngine(): string {
  const folder = join(stacksFolder(), ID);
  const owner = { pid: process.pid, startTime: 'before this process' };
  createState(folder, {
    ...{ version: 2, id: ID, spec: { kind: 'docker' }, owner, detached: true, byHand: false },
    dockerHost: `unix://${temporary}/nowhere.sock`,
  } as DockerState);
  return folder;
}
const down = (...args: string[]) => downCommand().parseAsync(args, { from: 'user' });

test('a stack whose engine is away is kept, and the remedy names what gets rid of it', async () => {
  const folder = makeWithoutEngine();
  await expect(down()).rejects.toMatchObject({
    code: 'E_DOCKER_ENGINE',
    parts: { remedy: expect.stringContaining('`langfuse-chaos down --forget STACK`') },
  });
  expect(existsSync(folder)).toBe(true);
  expect(said).toEqual([`Not ended, and its folder kept: stack ${ID}.`]);
});

test('--forget removes the folder of a stack that cannot be ended, and says what may be left', async () => {
  const folder = makeWithoutEngine();
  await down('--forget', ID);
  expect(existsSync(folder)).toBe(false);
  expect(said.join('\n')).toMatch(
    new RegExp(
      `^Forgot stack ${ID}.*may be left.*\\n.*engine .* does not answer.*\\n.*label=com\\.docker\\.compose\\.project=langfuse-chaos-${ID}`,
    ),
  );
});

test('of the stacks that are left it is said what they are there for', async () => {
  const own = identify(process.pid);
  if (!own) throw new Error('this process is not seen');
  const dead = { ...own, startTime: 'before this process' };
  const make = (id: string, more: Partial<BaseState>) =>
    createState(join(stacksFolder(), id), {
      ...{ version: 2, id, spec: DEFAULT_SPEC, owner: own, detached: false, byHand: false },
      ...more,
    });
  make('aaaaaaaaaa', {});
  make('bbbbbbbbbb', { owner: dead, detached: true, byHand: true });
  make('cccccccccc', { byHand: true });
  make('dddddddddd', { owner: dead });
  make('eeeeeeeeee', {});
  await down('eeeeeeeeee');
  expect(said).toEqual([
    'Ended stack eeeeeeeeee.',
    'Still in use by a run: stack aaaaaaaaaa.',
    'Still up: stack bbbbbbbbbb, which was detached; `langfuse-chaos down` ends it.',
    'Still up: stack cccccccccc, which a `langfuse-chaos up` that still runs ends on Ctrl-C.',
    'Left behind by a killed run: stack dddddddddd; `langfuse-chaos down` ends it.',
  ]);
});

test('--forget of a stack that is not there', async () => {
  await expect(down('--forget', ID)).rejects.toMatchObject({ code: 'E_NO_STACK' });
});

/** A use of an external target whose worker a fault has ended, and whose `start` fails for the moment. @returns its folder */
function makeOutOfReach(owner: Partial<ProcessIdentity>): string {
  const folder = join(stacksFolder(), ID);
  const hooks = { state: 'echo exited', healthy: 'false', start: 'exit 1', timeout: 1000 };
  createState(folder, {
    ...{ version: 2, id: ID, detached: false, byHand: false },
    spec: { kind: 'external', file: 'target.yml', faultsConfirmed: true },
    owner: { ...(identify(process.pid) as ProcessIdentity), ...owner },
    target: { name: 'staging', hooks: { worker: hooks } },
    ...{ proxies: {}, versions: {}, touched: ['worker'] },
  } as unknown as ExternalState);
  return folder;
}

test('--forget keeps what a living run needs to undo its faults', async () => {
  const folder = makeOutOfReach({});
  await expect(down('--forget', ID)).rejects.toMatchObject({
    code: 'E_STACK_IN_USE',
    parts: { remedy: expect.stringContaining(`\`langfuse-chaos down ${ID}\``) },
  });
  expect(existsSync(folder)).toBe(true);
  expect(said).toEqual([]);
});

test('--forget of a target that can not be put right names what is to be put right by hand', async () => {
  const folder = makeOutOfReach({ startTime: 'before this process' });
  await down('--forget', ID);
  expect(existsSync(folder)).toBe(false);
  expect(said.join('\n')).toMatch(
    /^Forgot stack aaaaaaaaaa.*\n.*staging is not as it was: worker: .*\n.*by hand.* every proxy enabled.* every process running$/,
  );
});

test('one stack to end and one to forget are not both taken', async () => {
  const folder = makeWithoutEngine();
  await expect(down(ID, '--forget', ID)).rejects.toMatchObject({ code: 'E_USAGE' });
  expect(existsSync(folder)).toBe(true);
});
