import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identify, type ProcessIdentity, processState } from '../processes.ts';
import { createState } from '../state.ts';
import { restoreTarget } from './end.ts';
import { type ExternalState, noteChange, noteProcess, readState } from './state.ts';

let root: string;
let folder: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changes-'));
  folder = join(root, 'stack');
  file = join(root, 'state');
  writeFileSync(file, 'running');
});
afterEach(() => rmSync(root, { recursive: true }));

/** A stack that was left with its worker's commands, each of which may take so many milliseconds. */
function leave(timeout: number): void {
  createState(folder, {
    version: 2,
    id: 'aaaaaaaaaa',
    spec: { kind: 'external', file: 'target.yml', faultsConfirmed: true },
    owner: { pid: process.pid, startTime: 'before this process' },
    detached: false,
    byHand: false,
    target: {
      name: 'staging',
      project: { publicKey: { env: 'A' }, secretKey: { env: 'A' } },
      clickhouse: { password: { env: 'A' } },
      redis: {},
      s3: { secretAccessKey: { env: 'A' } },
      hooks: {
        worker: {
          state: `cat ${file}`,
          healthy: `grep -q running ${file}`,
          start: `echo running > ${file}; echo started >> ${root}/log`,
          timeout,
        },
      },
    },
    proxies: {},
    versions: {},
    touched: [],
    changing: {},
  } as unknown as ExternalState);
}

/** A command of a harness that is gone by now. */
function begun(command: string): ProcessIdentity {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'ignore' });
  const identity = identify(child.pid ?? 0);
  if (!identity) throw new Error('it has not started');
  noteChange(folder, 'worker', 'exited');
  noteProcess(folder, 'worker', 'exited', identity);
  return identity;
}
const restore = () => restoreTarget(folder, readState(folder));

test('a command that a killed harness has left running is seen through before its effect is undone', async () => {
  leave(15_000);
  const command = begun(`sleep 0.4; echo exited > ${file}`);
  await restore();
  expect(processState(command)).toBe('exited');
  expect(readFileSync(file, 'utf8').trim()).toBe('running');
  expect(readFileSync(join(root, 'log'), 'utf8')).toBe('started\n');
  expect(readState(folder).changing).toEqual({});
});

test('one whose effect comes after it has ended, too, and one of which no process is known', async () => {
  leave(15_000);
  // It lives long enough to be identified, and ends before its effect.
  begun(`(sleep 0.6; echo exited > ${file}) & sleep 0.3`);
  await restore();
  expect(readFileSync(join(root, 'log'), 'utf8')).toBe('started\n');
  const late = spawn('/bin/sh', ['-c', `sleep 0.4; echo exited > ${file}`], { stdio: 'ignore' });
  noteChange(folder, 'worker', 'exited');
  await restore();
  if (late.exitCode === null) await once(late, 'exit');
  expect(readFileSync(join(root, 'log'), 'utf8')).toBe('started\nstarted\n');
  expect(readFileSync(file, 'utf8').trim()).toBe('running');
});

test('one that hangs is ended with all that it has started', async () => {
  // Time enough for a `cat` on a machine that is busy.
  leave(3000);
  const command = begun('sleep 60; true');
  await restore();
  await vi.waitFor(() => expect(processState(command)).toBe('exited'));
  expect(readFileSync(file, 'utf8')).toBe('running');
});
