import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clickhouseControl, readProfiles } from './profiles.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'profiles-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

test('settings of several names hold together, and go one by one', async () => {
  const control = clickhouseControl(dataDir);
  expect([...readProfiles(dataDir)]).toEqual([]);
  await control.clearProfile('read-only');
  await control.setProfile('read-only', { readonly: '2' });
  await control.setProfile('memory', { max_memory_usage: '1' });
  await control.setProfile('memory', { max_memory_usage: '2' });
  expect(Object.fromEntries(readProfiles(dataDir))).toEqual({ readonly: '2', max_memory_usage: '2' });
  await control.clearProfile('read-only');
  expect(Object.fromEntries(readProfiles(dataDir))).toEqual({ max_memory_usage: '2' });
  expect(await readdir(join(dataDir, 'profiles'))).toEqual(['memory.json']);
});
