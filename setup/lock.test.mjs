import { spawn } from 'node:child_process';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withLock } from './lock.mjs';
import { identify, processStart } from './process-identity.mjs';
import { temporaryFolder } from './testing.mjs';

const lockFile = () => join(temporaryFolder(), 'a.lock');

function start(command, args) {
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  onTestFinished(() => child.kill('SIGKILL'));
  return { pid: child.pid, ended: new Promise((resolve) => child.on('exit', resolve)) };
}

test('one at a time, and the file is gone afterwards', async () => {
  const path = lockFile();
  let inside = 0;
  const waits = [];
  const othersWait = Promise.withResolvers();
  const work = async () => {
    expect(++inside).toBe(1);
    // The first one stays until both others have found the lock held.
    await othersWait.promise;
    inside--;
  };
  const onWait = (pid) => {
    if (waits.push(pid) === 2) othersWait.resolve();
  };
  const options = { onWait };
  await Promise.all([
    withLock(path, options, work),
    withLock(path, options, work),
    withLock(path, options, work),
  ]);
  expect(waits).toEqual([process.pid, process.pid]);
  expect(existsSync(path)).toBe(false);
});

test('it is released when the work fails', async () => {
  const path = lockFile();
  const failing = withLock(path, {}, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test("a dead process's lock is taken over", async () => {
  const path = lockFile();
  const { pid, ended } = start('true', []);
  writeFileSync(path, JSON.stringify(identify(pid)));
  await ended;
  expect(await withLock(path, {}, async () => JSON.parse(readFileSync(path, 'utf8')).pid)).toBe(process.pid);
});

test('a process that has the id of a dead one does not hold its lock', async () => {
  const path = lockFile();
  writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'some other time' }));
  expect(await withLock(path, {}, async () => 'mine')).toBe('mine');
});

test('what a dead process had registered is ended', async () => {
  const path = lockFile();
  const { pid, ended } = start('sleep', ['60']);
  writeFileSync(path, JSON.stringify({ pid: 1, started: 'never', group: identify(pid) }));
  await withLock(path, {}, async () => {});
  await ended;
  expect(processStart(pid)).toBeUndefined();
});

test('many who wait for a dead process do not get in at once', async () => {
  const path = lockFile();
  writeFileSync(path, JSON.stringify({ pid: 1, started: 'never' }));
  const all = 8;
  let inside = 0;
  let waiting = 0;
  const othersWait = Promise.withResolvers();
  const onWait = () => {
    waiting += 1;
    if (waiting === all - 1) othersWait.resolve();
  };
  const work = async () => {
    expect(++inside).toBe(1);
    // The first one stays until each of the others has looked and found the lock held.
    await othersWait.promise;
    inside--;
  };
  const takers = [];
  while (takers.length < all) {
    takers.push(withLock(path, { onWait }, work));
    // One after the other, so that some still see the dead one's record when another has just taken over.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(takers);
});

test('a file without a record is waited for while it is new, and taken over when it is old', async () => {
  const path = lockFile();
  writeFileSync(path, '');
  const controller = new AbortController();
  const waiting = withLock(path, { signal: controller.signal }, async () => 'mine');
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow();
  utimesSync(path, 0, 0);
  expect(await withLock(path, {}, async () => 'mine')).toBe('mine');
});

test('who waits can be interrupted', async () => {
  const path = lockFile();
  writeFileSync(path, JSON.stringify(identify(process.pid)));
  const controller = new AbortController();
  const onWait = vi.fn(() => controller.abort(new Error('interrupted')));
  await expect(withLock(path, { signal: controller.signal, onWait }, async () => {})).rejects.toThrow();
  expect(onWait).toHaveBeenCalledWith(process.pid);
});
