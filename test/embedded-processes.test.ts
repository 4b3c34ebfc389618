import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { listeningPorts } from '../src/stack/embedded/port-owner.ts';
import { choosePort, isFreeTcp } from '../src/stack/embedded/ports.ts';
import {
  identify,
  type ProcessIdentity,
  processState,
  processTree,
  sendSignal,
  stackProcesses,
} from '../src/stack/processes.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts a Node process that runs a program and says a line when it is ready. */
async function start(program: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--eval', program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout, 'data');
  return identify(child.pid as number) as ProcessIdentity;
}

const stay = `console.log('ready'); setInterval(() => {}, 1000);`;
const listen = (port: number) =>
  `require('node:http').createServer().listen(${port}, '127.0.0.1', () => console.log('ready'))`;

const until = (process: ProcessIdentity, state: string) =>
  waitUntil(`the process to be ${state}`, () => processState(process) === state, {
    timeoutMs: 10_000,
    intervalMs: 1,
  });

test('a process is running, paused, running again, exited', async () => {
  const child = await start(stay);
  expect(processState(child)).toBe('running');
  sendSignal(child, 'SIGSTOP');
  await until(child, 'paused');
  sendSignal(child, 'SIGCONT');
  await until(child, 'running');
  sendSignal(child, 'SIGKILL');
  await until(child, 'exited');
  expect(identify(child.pid)).toBeUndefined();
});

test('another process with the same pid is not taken for it, nor sent a signal', async () => {
  const child = await start(stay);
  const stranger = { ...child, startTime: 'long ago' };
  expect(processState(stranger)).toBe('exited');
  sendSignal(stranger, 'SIGKILL');
  expect(processTree(stranger)).toEqual([]);
  expect(processState(child)).toBe('running');
});

test('a process that has exited has let go of its port', async () => {
  // A process of several threads ends thread by thread, the first one first.
  const taken = new Set<number>();
  for (let round = 0; round < 15; round += 1) {
    const port = await choosePort(taken);
    const child = await start(listen(port));
    sendSignal(child, 'SIGKILL');
    await until(child, 'exited');
    expect(await isFreeTcp(port)).toBe(true);
  }
});

test('a port has an owner', async () => {
  const taken = new Set<number>();
  const [one, other] = [await choosePort(taken), await choosePort(taken)];
  const [first, second] = await Promise.all([start(listen(one)), start(listen(other))]);
  expect([...listeningPorts(first)]).toEqual([one]);
  expect([...listeningPorts(second)]).toEqual([other]);
});

test('the processes of a stack are those that carry its id, and their children, which need not', async () => {
  const withChild = `
    const child = require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(stay)}], { env: {} });
    child.stdout.once('data', () => console.log('ready'));
    setInterval(() => {}, 1000);`;
  const parent = await start(withChild, { LANGFUSE_CHAOS_STACK: 'a-test-of-processes' });
  await start(stay, { LANGFUSE_CHAOS_STACK: 'a-test-of-processes-2' });
  const found = stackProcesses('a-test-of-processes', '/no/such/folder', []);
  expect(found).toHaveLength(2);
  expect(found).toEqual(processTree(parent));
  for (const one of found) sendSignal(one, 'SIGKILL');
});
