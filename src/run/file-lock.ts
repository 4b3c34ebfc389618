import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { waitUntil } from '../base/wait-until.ts';
import { identify, type ProcessIdentity, processState } from '../stack/embedded/processes.ts';

/** Longer than anything that is done under a lock. */
const TIMEOUT_MS = 60_000;

/**
 * Takes a lock among processes: the file holds who has it. One whose holder is dead is taken over. Disposing of the result gives
 * it back.
 *
 * @throws ChaosError `E_TIMEOUT` when another process has held it for a minute
 */
export async function lockFile(path: string): Promise<Disposable> {
  const own = `${path}.${process.pid}`;
  // Linked into place with its content in it, so that nobody ever reads half a lock.
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    await waitUntil(`the lock ${path}`, () => tryLink(own, path), { timeoutMs: TIMEOUT_MS, intervalMs: 50 });
  } finally {
    rmSync(own, { force: true });
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = holderOf(path);
  if (holder && processState(holder) === 'exited') {
    const stale = `${own}.stale`;
    renameSync(path, stale);
    rmSync(stale);
  }
  return false;
}

/** Undefined when it has just been given back. */
function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
