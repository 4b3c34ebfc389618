import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { stacksFolder } from '../folder.ts';
import { identify, type ProcessIdentity } from '../processes.ts';
import { listStacks, removeLeftovers, removeStack } from '../remove.ts';
import { createState } from '../state.ts';
import { addressOf, connectEngine, engineOf } from './engine.ts';
import type { DockerState } from './state.ts';

let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'engine-test-'));
  vi.stubEnv('TMPDIR', temporary);
  vi.stubEnv('DOCKER_HOST', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const living = identify(process.pid) as ProcessIdentity;
const dead: ProcessIdentity = { pid: process.pid, startTime: 'before this process' };

/** Makes the folder of a stack of containers, which was started on that engine. */
function make(id: string, dockerHost: string, owner = dead): string {
  const folder = join(stacksFolder(), id);
  const spec = { kind: 'docker' } as const;
  const state = { version: 2, id, spec, owner, detached: false, byHand: false, dockerHost };
  createState(folder, state as DockerState);
  return folder;
}

/** An engine that has nothing. @returns its address, and what it was asked */
async function emptyEngine(): Promise<{ host: string; asked: string[] }> {
  const socket = join(temporary, `${Math.trunc(performance.now() * 1000)}.sock`);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const isVolumes = request.url?.startsWith('/volumes');
    response.setHeader('content-type', 'application/json');
    response.end(request.url === '/_ping' ? 'OK' : isVolumes ? '{"Volumes":[]}' : '[]');
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return { host: `unix://${socket}`, asked };
}

const nowhere = () => `unix://${temporary}/nowhere.sock`;

test('a stack whose engine does not answer keeps its folder, though another engine answers', async () => {
  const { host, asked } = await emptyEngine();
  for (const other of [host, 'tcp://127.0.0.1:1', undefined]) {
    vi.stubEnv('DOCKER_HOST', other);
    const folder = make('aaaaaaaaaa', nowhere());
    await expect(removeStack(folder)).rejects.toMatchObject({
      code: 'E_DOCKER_ENGINE',
      parts: { expected: expect.stringContaining(nowhere()), remedy: expect.stringContaining('down') },
    });
    expect(existsSync(folder)).toBe(true);
    rmSync(folder, { recursive: true });
  }
  expect(asked).toEqual([]);
});

test('a stack is ended at its own engine, whatever DOCKER_HOST says', async () => {
  const { host, asked } = await emptyEngine();
  for (const other of [nowhere(), 'tcp://127.0.0.1:1']) {
    vi.stubEnv('DOCKER_HOST', other);
    const folder = make('aaaaaaaaaa', host);
    await removeStack(folder);
    expect(existsSync(folder)).toBe(false);
    // A run that is started next has the user's engine.
    expect(process.env.DOCKER_HOST).toBe(other);
  }
  expect(asked.some((path) => path.startsWith('/containers/json'))).toBe(true);
});

test('what killed runs left is removed but for stacks whose engine is away, which are told', async () => {
  const { host } = await emptyEngine();
  make('aaaaaaaaaa', nowhere());
  make('bbbbbbbbbb', host);
  make('cccccccccc', host, living);
  const kept: string[] = [];
  expect(await removeLeftovers((id, error) => kept.push(`${id} ${error.code}`))).toMatchObject([
    { id: 'bbbbbbbbbb' },
  ]);
  expect(kept).toEqual(['aaaaaaaaaa E_DOCKER_ENGINE']);
  expect((await listStacks()).map(({ id }) => id)).toEqual(['aaaaaaaaaa', 'cccccccccc']);
  await expect(removeLeftovers()).rejects.toMatchObject({ code: 'E_DOCKER_ENGINE' });
});

test('whoever takes hold of a stack speaks to its engine, compose too', async () => {
  const { host } = await emptyEngine();
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
  expect(addressOf(await engineOf(host))).toBe(host);
  expect(process.env.DOCKER_HOST).toBe(host);
});

test('no engine is taken in the place of the one that DOCKER_HOST names', async () => {
  const { host, asked } = await emptyEngine();
  // Where testcontainers looks first.
  writeFileSync(join(temporary, '.testcontainers.properties'), `tc.host=${host}\n`);
  vi.stubEnv('HOME', temporary);
  vi.stubEnv('DOCKER_HOST', nowhere());
  await expect(connectEngine()).rejects.toMatchObject({
    code: 'E_DOCKER_ENGINE',
    parts: { expected: expect.stringContaining(nowhere()) },
  });
  expect(asked).toEqual([]);
});
