import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

function linesOf(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lines-'));
  try {
    writeFileSync(join(folder, 'file'), text);
    return [...readLines(join(folder, 'file'))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('whole lines are read, a cut-off last one is not', () => {
  expect(linesOf('a\n\nb\n')).toEqual(['a', '', 'b']);
  expect(linesOf('a\nb')).toEqual(['a']);
  expect(linesOf('')).toEqual([]);
});

test('a line and a character may span the chunks of reading', () => {
  const long = 'é'.repeat(900_000);
  expect(linesOf(`x${long}\nend\n`)).toEqual([`x${long}`, 'end']);
});
