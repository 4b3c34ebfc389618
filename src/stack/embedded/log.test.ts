import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lastLines, sizeOf } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'log-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the last lines, oldest first, without empty ones', async () => {
  const file = join(folder, 'short.log');
  writeFileSync(file, 'one\ntwo\n\nthree\n');
  expect(await lastLines(file, 2)).toEqual(['two', 'three']);
  expect(await lastLines(file, 9)).toEqual(['one', 'two', 'three']);
});

test('a log of any length is read from its end, and a line that was cut off is left out', async () => {
  const file = join(folder, 'long.log');
  writeFileSync(file, Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
  const lines = await lastLines(file, 100_000);
  expect(lines.at(-1)).toBe('line 99999');
  expect(lines.every((line) => /^line \d{5}$/.test(line))).toBe(true);
  expect(lines.length).toBeGreaterThan(1000);
});

test('a log that is not there yet has no lines', async () => {
  expect(await lastLines(join(folder, 'none.log'), 5)).toEqual([]);
});

test('of what was written after a moment, only lines that began after it', async () => {
  const file = join(folder, 'after.log');
  expect(await sizeOf(file)).toBe(0);
  writeFileSync(file, 'one\ntwo');
  expect(await sizeOf(file)).toBe(7);
  writeFileSync(file, 'one\ntwo, and the rest of it\nthree\n');
  expect(await lastLines(file, 9, 7)).toEqual(['three']);
  expect(await lastLines(file, 9, 4)).toEqual(['two, and the rest of it', 'three']);
  expect(await lastLines(file, 9, await sizeOf(file))).toEqual([]);
  expect(await lastLines(file, 9, 1000)).toEqual([]);
  writeFileSync(file, '');
  expect(await lastLines(file, 9, 0)).toEqual([]);
});
