import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bindFault } from '../../faults/catalogue.ts';
import { Journal, leaseLost } from '../journal.ts';
import { renewer } from './renew.ts';

const disk = vi.hoisted(() => ({ full: false }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (...args: Parameters<typeof fs.writeSync>) => {
    if (disk.full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    return fs.writeSync(...args);
  };
  return { ...fs, writeSync };
});

let folder: string;
let journalFile: string;
let now: number;
let beats: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'renew-'));
  journalFile = join(folder, 'journal.jsonl');
  mkdirSync(join(folder, 'stack'));
  now = 0;
  beats = 0;
});
afterEach(() => {
  disk.full = false;
  rmSync(folder, { recursive: true });
});

const beat = () => {
  beats += 1;
};
const start = () => renewer(journalFile, { now: () => now, sleep: async () => {} }, beat);
const inject = () =>
  new Journal(journalFile, join(folder, 'stack')).injecting(bindFault({ name: 'killed', on: 'worker' }));

test('a beat in time says nothing; one that comes late under a fault is written down', () => {
  const renew = start();
  inject();
  now = 5000;
  renew();
  expect(leaseLost(journalFile)).toBeUndefined();
  now = 10_001;
  renew();
  expect(leaseLost(journalFile)).toMatchObject({ by: 'harness', at: '1970-01-01T00:00:10.001Z' });
  expect(beats).toBe(2);
});

test('one that comes late without a fault is none of ours', () => {
  const renew = start();
  now = 10_000;
  renew();
  inject();
  now = 11_000;
  renew();
  expect(leaseLost(journalFile)).toBeUndefined();
});

test('what a full disk keeps from being written down is written when there is room, even after the fault', () => {
  const renew = start();
  const entry = inject();
  disk.full = true;
  now = 10_000;
  renew();
  now = 11_000;
  renew();
  expect(beats).toBe(2);
  disk.full = false;
  new Journal(journalFile, join(folder, 'stack')).undone(entry);
  now = 12_000;
  renew();
  expect(leaseLost(journalFile)).toMatchObject({ at: '1970-01-01T00:00:10.000Z' });
});
