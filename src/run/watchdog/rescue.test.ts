import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bindFault } from '../../faults/catalogue.ts';
import { Journal, openFaults } from '../journal.ts';
import { RunFolder } from '../run-folder.ts';
import { takeLease } from './rescue.ts';

const journalLine = vi.hoisted(() => ({ refused: '' }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (...args: Parameters<typeof fs.writeSync>) => {
    const { refused } = journalLine;
    if (refused !== '' && String(args[1]).includes(refused))
      throw new Error('ENOSPC: no space left on device');
    return fs.writeSync(...args);
  };
  return { ...fs, writeSync };
});

let temporary: string;
let folder: RunFolder;
let said: string[];
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'rescue-'));
  vi.stubEnv('TMPDIR', temporary);
  folder = new RunFolder(join(temporary, 'run'));
  mkdirSync(folder.path);
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  journalLine.refused = '';
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

test('a lost lease that cannot be noted does not keep the faults from being undone', async () => {
  new Journal(folder.journalFile, join(temporary, 'gone')).injecting(
    bindFault({ name: 'killed', on: 'worker' }),
  );
  journalLine.refused = 'lease-lost';
  await takeLease(folder.path);
  expect(openFaults(folder.journalFile)).toEqual([]);
  expect(said.join('\n')).toMatch(/can't be written: ENOSPC[\s\S]*killed on worker: gone with its stack/);
  expect(readFileSync(folder.journalFile, 'utf8')).not.toContain('lease-lost');
});
