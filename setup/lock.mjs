import { writeFileSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning } from './process-identity.mjs';

/** How often a waiting set-up looks again. */
const LOOK_AGAIN_MS = 200;
/** Taking over a lock takes milliseconds, as does writing one; a file older than this was left by a killed process. */
const LEFT_BEHIND_MS = 10_000;

/**
 * Calls `work` while holding the lock file `path`, so that two set-ups at once do the work one after the other. The
 * lock of a process that has ended is taken over, and what that process had started and registered is ended.
 *
 * @template T
 * @param {string} path
 * @param {{ signal?: AbortSignal, onWait?: (pid: number) => void }} options `onWait` is called once, with the holder
 * @param {(lock: { register: (pid: number) => void }) => Promise<T>} work `register` names a process group
 *   that must not outlive the holder
 * @returns {Promise<T>}
 */
export async function withLock(path, { signal, onWait }, work) {
  const me = identify(process.pid);
  let told = false;
  while (!(await create(path, JSON.stringify(me)))) {
    signal?.throwIfAborted();
    const holder = await read(path);
    if (holder && (await isLeftBehind(path, holder))) {
      await takeOver(path, holder);
      continue;
    }
    if (holder?.record && !told) {
      onWait?.(holder.record.pid);
      told = true;
    }
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
  try {
    // At once, not some time later: by then the lock could have been released.
    const register = (pid) => writeFileSync(path, JSON.stringify({ ...me, group: identify(pid) }));
    return await work({ register });
  } finally {
    await rm(path, { force: true });
  }
}

/** Creates a file that is not there yet; false if it is there. */
async function create(path, text) {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Who holds the lock; undefined if nobody does any more. A file that is just being written has no record. */
async function read(path) {
  try {
    const text = await readFile(path, 'utf8');
    try {
      return { text, record: JSON.parse(text) };
    } catch {
      return { text };
    }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isLeftBehind(path, { record }) {
  return record ? !isRunning(record) : await isOld(path);
}

async function isOld(path) {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > LEFT_BEHIND_MS;
}

/**
 * Removes a dead process's lock. Two that wait must not both do so, or the second would remove the first one's new
 * lock: only who creates the file beside it may, and looks again before.
 */
async function takeOver(path, dead) {
  const guard = `${path}.takeover`;
  if (!(await create(guard, ''))) {
    if (await isOld(guard)) await rm(guard, { force: true });
    await delay(LOOK_AGAIN_MS / 4);
    return;
  }
  try {
    if ((await read(path))?.text !== dead.text) return;
    if (dead.record?.group && isRunning(dead.record.group)) killGroup(dead.record.group.pid);
    await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
