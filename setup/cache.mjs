import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './errors.mjs';

/** The file beside a cached program that says which source it came from. */
export const ORIGIN_FILE = 'origin';

/** The project's cache: `LANGFUSE_CHAOS_CACHE`, else `langfuse-chaos` in `XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheFolder(env = process.env) {
  if (env.LANGFUSE_CHAOS_CACHE) return env.LANGFUSE_CHAOS_CACHE;
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'langfuse-chaos');
}

/** Where the programs lie: `NAME-VERSION/COMMAND`. */
export const programsFolder = (cache) => join(cache, 'bin');

/** Where what is not finished lies; on the same disk as the programs, so that a rename puts it in place at once. */
const stagingRoot = (cache) => join(cache, 'tmp');

/**
 * Makes the cache, and removes what an interrupted set-up left unfinished. Call it under the set-up lock.
 * @throws {SetupError} `E_SETUP_CACHE` when the folder cannot be written
 */
export async function prepareCache(cache) {
  try {
    await rm(stagingRoot(cache), { recursive: true, force: true });
    await mkdir(stagingRoot(cache), { recursive: true });
    await mkdir(programsFolder(cache), { recursive: true });
  } catch (error) {
    throw cacheError(cache, error);
  }
}

/** The error for a cache folder that cannot be written. */
export function cacheError(cache, error) {
  return new SetupError({
    code: 'E_SETUP_CACHE',
    happened: `The cache folder ${cache} cannot be written (${error.code ?? error.message}).`,
    remedy: 'point LANGFUSE_CHAOS_CACHE to a folder that you can write, then run again.',
    cause: error,
  });
}

/** Calls `work` with a new empty folder in the cache and removes that folder afterwards, whatever came of it. */
export async function withStaging(cache, work) {
  const folder = join(stagingRoot(cache), randomUUID());
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    // Go's module cache has read-only folders, but none of it lies here; force is for what is gone already.
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a finished folder in its place in one step, so that nobody ever sees half a program. What lay there before
 * is replaced.
 * @returns the folder in the cache
 */
export async function place(cache, finished, name, origin) {
  await writeFile(join(finished, ORIGIN_FILE), `${origin}\n`);
  const target = join(programsFolder(cache), name);
  await rm(target, { recursive: true, force: true });
  await rename(finished, target);
  return target;
}
