import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from '../stack/embedded/processes.ts';
import { lockFile } from './file-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('one after the other, and nothing is left', async () => {
  const path = join(folder, 'lock');
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
  const path = join(folder, 'lock');
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
