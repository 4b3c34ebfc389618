import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identify } from '../stack/processes.ts';
import { lockFile } from './file-lock.ts';

/** What another process does right after this one has read a lock, and what the system answers to a link. */
const meanwhile = vi.hoisted(
  (): { afterRead?: (() => void) | undefined; linkError?: Error | undefined } => ({}),
);
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    readFileSync: (...args: Parameters<typeof fs.readFileSync>) => {
      const text = fs.readFileSync(...args);
      if (String(args[0]).endsWith('lock')) {
        const { afterRead } = meanwhile;
        meanwhile.afterRead = undefined;
        afterRead?.();
      }
      return text;
    },
    linkSync: (...args: Parameters<typeof fs.linkSync>) => {
      if (meanwhile.linkError) throw meanwhile.linkError;
      fs.linkSync(...args);
    },
  };
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'lock');
});
afterEach(() => {
  meanwhile.afterRead = undefined;
  meanwhile.linkError = undefined;
  rmSync(folder, { recursive: true });
});

const ofTheDead = JSON.stringify({ pid: process.pid, startTime: 'before this process' });
const ofAnother = JSON.stringify(identify(process.ppid));

test('one after the other, and nothing is left', async () => {
  const order: string[] = [];
  const first = await lockFile(path);
  const second = lockFile(path).then((lock) => {
    order.push('second');
    lock[Symbol.dispose]();
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  order.push('first');
  first[Symbol.dispose]();
  await second;
  expect(order).toEqual(['first', 'second']);
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a dead process is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  writeFileSync(path, JSON.stringify(identify(child.pid ?? 0)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  {
    using _lock = await lockFile(path);
    expect(existsSync(path)).toBe(true);
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('of two who find the lock of a dead process only one takes it over; the other waits', async () => {
  writeFileSync(path, ofTheDead);
  meanwhile.afterRead = () => {
    rmSync(path);
    writeFileSync(path, ofAnother);
  };
  let taken = false;
  const taking = lockFile(path).then((lock) => {
    taken = true;
    return lock;
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(taken).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(ofAnother);
  rmSync(path);
  (await taking)[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([]);
});

test('one that was killed while it took a lock over keeps nobody out', async () => {
  writeFileSync(path, ofTheDead);
  writeFileSync(`${path}.takeover`, ofTheDead);
  (await lockFile(path))[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([]);
});

test("gives back its own, not another's", async () => {
  const lock = await lockFile(path);
  rmSync(path);
  writeFileSync(path, ofAnother);
  lock[Symbol.dispose]();
  expect(readFileSync(path, 'utf8')).toBe(ofAnother);
});

test('a lock that cannot be written is said at once, and leaves nothing', async () => {
  meanwhile.linkError = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  await expect(lockFile(path)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(readdirSync(folder)).toEqual([]);
});
