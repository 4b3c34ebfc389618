import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bindFault } from '../faults/catalogue.ts';
import { Journal, leaseLost, noteLeaseLost, openFaults, strikeOut } from './journal.ts';

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
    { entry: 1, stackFolder: '/stack', stackKind: 'embedded', fault: { name: 'killed', on: 'worker' } },
  ]);
  strikeOut(path, 1, 'undo');
  expect(openFaults(path)).toEqual([]);
});

test('each fault carries its lease', () => {
  const path = join(folder, 'journal.jsonl');
  new Journal(path, '/stack').injecting(bindFault({ name: 'killed', on: 'worker' }));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ kind: 'injecting', lease: 5 });
});

test('a torn line does not take the next one with it', () => {
  const path = join(folder, 'journal.jsonl');
  const journal = new Journal(path, '/stack');
  const entry = journal.injecting(bindFault({ name: 'killed', on: 'web' }));
  appendFileSync(path, '{"kind":"undo');
  expect(openFaults(path)).toHaveLength(1);
  strikeOut(path, entry, 'watchdog');
  expect(openFaults(path)).toEqual([]);
});

test('that the lease was lost is seen, and who saw it', () => {
  const path = join(folder, 'journal.jsonl');
  new Journal(path, '/stack').injecting(bindFault({ name: 'killed', on: 'web' }));
  expect(leaseLost(path)).toBeUndefined();
  noteLeaseLost(path, 'watchdog', 0);
  noteLeaseLost(path, 'harness', 1000);
  expect(leaseLost(path)).toMatchObject({ by: 'watchdog', at: '1970-01-01T00:00:00.000Z' });
  expect(openFaults(path)).toHaveLength(1);
});

test('a journal that cannot be written keeps the fault from being injected, and says so', () => {
  const journal = new Journal(join(folder, 'absent', 'journal.jsonl'), '/stack');
  expect(() => journal.injecting(bindFault({ name: 'killed', on: 'web' }))).toThrow(
    /^The journal of faults .*journal\.jsonl can't be written: ENOENT[\s\S]*expected: a journal on disk[\s\S]*\(E_JOURNAL, see docs\/errors\.md#e_journal\)$/,
  );
});

test('a torn last line was never injected', () => {
  const path = join(folder, 'journal.jsonl');
  const journal = new Journal(path, '/stack');
  journal.injecting(bindFault({ name: 'killed', on: 'web' }));
  appendFileSync(path, '{"kind":"injec');
  expect(openFaults(path)).toHaveLength(1);
  expect(openFaults(join(folder, 'absent.jsonl'))).toEqual([]);
});
