import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CheckpointWriter, readCheckpoint } from './checkpoint-file.ts';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'checkpoint-')), 'settled.jsonl');
});
afterEach(() => {
  rmSync(join(path, '..'), { recursive: true });
});

const row = {
  kind: 'trace',
  project_id: 'p',
  id: 't1',
  event_ts: '2026-01-01 00:00:00.000',
  is_deleted: 0,
} as const;

function writeOne(): void {
  using writer = new CheckpointWriter(path, 'settled', 42);
  writer.row(row);
  writer.job({ entity: 'trace/t2', state: 'failed' });
  writer.s3('trace/t2', ['e1', 'e2'], [1, 2]);
  writer.end(1);
}

test('what was written is read, and rows can be iterated twice', () => {
  writeOne();
  const checkpoint = readCheckpoint(path);
  expect([...checkpoint.rows]).toEqual([row]);
  expect([...checkpoint.rows]).toEqual([row]);
  expect({ ...checkpoint, rows: undefined }).toEqual({
    name: 'settled',
    at: 42,
    jobs: [{ entity: 'trace/t2', state: 'failed' }],
    s3: { 'trace/t2': ['e1', 'e2'] },
    s3Marks: { 'trace/t2': [1, 2] },
    failedSet: 1,
    rows: undefined,
  });
});

test('a checkpoint that was not read to its end leaves no file', () => {
  {
    using writer = new CheckpointWriter(path, 'settled', 42);
    writer.row(row);
  }
  expect(existsSync(path)).toBe(false);
});

test('a cut-off file, one with a row too few and one of garbage are refused', () => {
  writeOne();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n`);
  expect(() => readCheckpoint(path)).toThrow('its first or last line is missing');
  writeFileSync(path, `${lines.filter((line) => !line.includes('"row"')).join('\n')}\n`);
  expect(() => readCheckpoint(path)).toThrow('it holds 0 rows and says 1');
  appendFileSync(path, 'garbage\n');
  expect(() => readCheckpoint(path)).toThrow("can't be read");
});
