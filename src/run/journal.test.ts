import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bindFault } from '../faults/catalogue.ts';
import { Journal, openFaults, strikeOut } from './journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a fault is open until it is struck out', () => {
  const path = join(folder, 'journal.jsonl');
  const journal = new Journal(path, '/stack');
  const first = journal.injecting(bindFault({ name: 'refused', on: 'worker→clickhouse' }));
  journal.injecting(bindFault({ name: 'killed', on: 'worker' }));
  journal.undone(first);
  expect(openFaults(path)).toEqual([
    { entry: 1, stackFolder: '/stack', fault: { name: 'killed', on: 'worker' } },
  ]);
  strikeOut(path, 1, 'undo');
  expect(openFaults(path)).toEqual([]);
});

test('a torn last line was never injected', () => {
  const path = join(folder, 'journal.jsonl');
  const journal = new Journal(path, '/stack');
  journal.injecting(bindFault({ name: 'killed', on: 'web' }));
  appendFileSync(path, '{"kind":"injec');
  expect(openFaults(path)).toHaveLength(1);
  expect(openFaults(join(folder, 'absent.jsonl'))).toEqual([]);
});
