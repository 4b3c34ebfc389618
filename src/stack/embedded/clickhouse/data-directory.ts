import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { ChaosError, messageOf } from '../../../base/errors.ts';

/** What lies in the data directory: the engine's own folder and the configuration it is opened with. */
export interface EngineFiles {
  readonly enginePath: string;
  readonly configFile: string;
}

/** Bytes that must be free at the start; below that an engine opens and then fails at its first merge. */
const MIN_FREE_BYTES = 128 * 1024 * 1024;

/** Bytes the engine may use before it refuses queries with MEMORY_LIMIT_EXCEEDED (241). */
const MAX_MEMORY_BYTES = Math.min(2 * 1024 ** 3, Math.floor(totalmem() / 2));

/** Bytes of index marks that are kept; the engine's default of 5 GiB would eat the memory of the queries. */
const MARK_CACHE_BYTES = 256 * 1024 * 1024;

/**
 * Makes the data directory ready for the engine.
 *
 * @param space tells the free blocks of a disk and their size in bytes
 * @throws ChaosError `E_CLICKHOUSE_DATA_UNWRITABLE` or `E_CLICKHOUSE_DISK_FULL`
 */
export async function prepareDataDirectory(
  dataDir: string,
  space: (path: string) => Promise<{ bavail: number; bsize: number }> = statfs,
): Promise<EngineFiles> {
  const files = { enginePath: join(dataDir, 'engine'), configFile: join(dataDir, 'config.xml') };
  let freeBytes: number;
  try {
    await mkdir(files.enginePath, { recursive: true });
    const { bavail, bsize } = await space(dataDir);
    freeBytes = bavail * bsize;
    if (freeBytes >= MIN_FREE_BYTES) await writeFile(files.configFile, engineConfig());
  } catch (error) {
    throw new ChaosError({
      code: 'E_CLICKHOUSE_DATA_UNWRITABLE',
      happened: `ClickHouse cannot write its data directory ${dataDir}: ${messageOf(error)}.`,
      expected: 'a folder that this user may create and write',
      remedy: 'mend the permissions, or name another folder.',
      cause: error,
    });
  }
  if (freeBytes < MIN_FREE_BYTES) {
    throw new ChaosError({
      code: 'E_CLICKHOUSE_DISK_FULL',
      happened: `The disk of ClickHouse's data directory ${dataDir} has ${mebibytes(freeBytes)} MiB left.`,
      expected: `at least ${mebibytes(MIN_FREE_BYTES)} MiB`,
      remedy: 'free some space, or name a folder on another disk.',
    });
  }
  return files;
}

/**
 * Why the engine did not open its folder. It says nothing to its caller, but its `status` file names the
 * process that holds the lock; one left behind by a killed process names a process that is gone.
 */
export async function explainRefusal(enginePath: string, cause: unknown): Promise<ChaosError> {
  const status = await readFile(join(enginePath, 'status'), 'utf8').catch(() => '');
  const owner = Number(/^PID: (\d+)/m.exec(status)?.[1]);
  if (owner && isAlive(owner)) {
    return new ChaosError({
      code: 'E_CLICKHOUSE_DATA_IN_USE',
      happened: `The data directory ${enginePath} is in use by process ${owner}.`,
      expected: 'one ClickHouse process for a data directory',
      remedy: `end process ${owner}, or name another folder.`,
      cause,
    });
  }
  return new ChaosError({
    code: 'E_CLICKHOUSE_ENGINE',
    happened: `The ClickHouse engine did not open ${enginePath}: ${messageOf(cause)}.`,
    expected: 'a data directory written by this version of the engine or an older one',
    remedy: 'look at the lines above; if the data is of no use any more, delete the folder and start again.',
    cause,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The engine's configuration; it is XML in the form of ClickHouse's config.xml. */
function engineConfig(): string {
  return `<clickhouse>
  <max_server_memory_usage>${MAX_MEMORY_BYTES}</max_server_memory_usage>
  <mark_cache_size>${MARK_CACHE_BYTES}</mark_cache_size>
</clickhouse>
`;
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
