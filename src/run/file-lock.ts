import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { waitUntil } from '../base/wait-until.ts';
import { identify, type ProcessIdentity, processState } from '../stack/processes.ts';

/** Longer than anything that is done under a lock. */
const TIMEOUT_MS = 60_000;

/**
 * Takes a lock among processes: the file holds who has it. One whose holder is dead is taken over. Disposing of the result gives
 * it back.
 *
 * @throws ChaosError `E_TIMEOUT` when another process has held it for a minute; the system's own error when it can't be
 *   written, as on a full disk
 */
export async function lockFile(path: string): Promise<Disposable> {
  const own = `${path}.${process.pid}`;
  try {
    // Linked into place with its content in it, so that nobody ever reads half a lock.
    writeFileSync(own, JSON.stringify(identify(process.pid)));
    const taken = await waitUntil(`the lock ${path}`, () => tryTake(own, path), {
      timeoutMs: TIMEOUT_MS,
      intervalMs: 50,
    });
    if (taken instanceof Error) throw taken;
  } finally {
    rmSync(own, { force: true });
  }
  return {
    [Symbol.dispose]: () => {
      if (holderOf(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

/**
 * Who wants to remove a dead process's lock takes a lock on that first and looks again: of two who saw it, the later one would
 * remove what the first has put in its place. That lock is one like any other: its holder may be dead, too.
 *
 * @returns whether it was taken, or what makes it no use to try again
 */
function tryTake(own: string, path: string): boolean | Error {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return error as Error;
  }
  if (!isDead(holderOf(path))) return false;
  const takeover = `${path}.takeover`;
  const taken = tryTake(own, takeover);
  if (taken !== true) return taken;
  try {
    if (isDead(holderOf(path))) rmSync(path);
  } finally {
    rmSync(takeover);
  }
  return false;
}

function isDead(holder: ProcessIdentity | undefined): boolean {
  return holder !== undefined && processState(holder) === 'exited';
}

/** Undefined when it has just been given back. */
function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
