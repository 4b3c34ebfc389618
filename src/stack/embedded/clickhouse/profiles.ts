import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouseControl } from '../../clickhouse-control.ts';

const SUFFIX = '.json';
const folderIn = (dataDir: string) => join(dataDir, 'profiles');

/**
 * The settings that are put upon every query: those of all files in the folder. Read for each request, so that they hold from
 * one query to the next; 20 µs when there are none.
 */
export function readProfiles(dataDir: string): Map<string, string> {
  const folder = folderIn(dataDir);
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return new Map(); // nobody has set any
  }
  return new Map(
    files
      .filter((file) => file.endsWith(SUFFIX))
      .sort()
      .flatMap((file) => Object.entries(settingsIn(join(folder, file)))),
  );
}

function settingsIn(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}; // taken away a moment ago
    throw error;
  }
}

/** Hold of the ClickHouse that has its data in this folder. */
export function clickhouseControl(dataDir: string): ClickHouseControl {
  const fileOf = (name: string) => join(folderIn(dataDir), `${name}${SUFFIX}`);
  return {
    async setProfile(name, settings) {
      await mkdir(folderIn(dataDir), { recursive: true, mode: 0o700 });
      const unfinished = `${fileOf(name)}.${process.pid}`;
      await writeFile(unfinished, JSON.stringify(settings));
      await rename(unfinished, fileOf(name));
    },
    clearProfile: (name) => rm(fileOf(name), { force: true }),
    wipe: () => rm(join(dataDir, 'engine'), { recursive: true, force: true, maxRetries: 3 }),
  };
}
