import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainRefusal, prepareDataDirectory } from './data-directory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickhouse-data-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('makes the folder and the configuration with its memory limit', async () => {
  const files = await prepareDataDirectory(join(folder, 'new'));
  const config = await readFile(files.configFile, 'utf8');
  expect(Number(/<max_server_memory_usage>(\d+)</.exec(config)?.[1])).toBeGreaterThan(100 * 1024 ** 2);
  expect(await prepareDataDirectory(join(folder, 'new'))).toEqual(files);
});

test('a folder that cannot be made is named with its reason', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(prepareDataDirectory(join(folder, 'file'))).rejects.toThrow(
    /^ClickHouse cannot write its data directory .*file: E/,
  );
});

test('a disk without room is refused before the engine opens', async () => {
  const full = async () => ({ bavail: 10, bsize: 4096 });
  await expect(prepareDataDirectory(folder, full)).rejects.toThrow(
    /has 0 MiB left\.\n {2}expected: at least 128 MiB/,
  );
});

test('a lock is explained by the process that holds it, a stale one is not blamed', async () => {
  const status = (pid: number) =>
    writeFile(join(folder, 'status'), `PID: ${pid}\nStarted at: x\nRevision: 1\n`);
  const cause = new Error('Failed to create connection');
  await status(process.ppid);
  expect((await explainRefusal(folder, cause)).code).toBe('E_CLICKHOUSE_DATA_IN_USE');
  await status(2 ** 22 + 1);
  expect((await explainRefusal(folder, cause)).code).toBe('E_CLICKHOUSE_ENGINE');
  await rm(join(folder, 'status'));
  expect((await explainRefusal(folder, cause)).message).toContain('Failed to create connection');
});
