import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../processes.ts';

const LOCK_FILE = 'postmaster.pid';

/**
 * Removes what a killed Postgres left: its lock file, which keeps the next one out for as long as the dead process waits
 * for its parent, and its System V shared memory, of which a system holds only some thousand segments. Nothing happens
 * while it runs. The memory is freed on Linux only: elsewhere its few bytes stay until the machine starts again.
 *
 * @param cluster Postgres' data folder
 */
export function clearAfterKill(cluster: string): void {
  const lock = readLock(cluster);
  if (!lock || identify(lock.creator)) return;
  if (isAbandoned(lock)) execFileSync('ipcrm', ['-m', lock.segment], { stdio: 'ignore' });
  rmSync(join(cluster, LOCK_FILE));
}

interface Lock {
  /** Pid of the server. */
  readonly creator: number;
  /** Id of its shared memory. */
  readonly segment: string;
}

/** Line 1 is the pid, line 7 the key and the id of the segment (Postgres, src/include/utils/pidfile.h). */
function readLock(cluster: string): Lock | undefined {
  try {
    const lines = readFileSync(join(cluster, LOCK_FILE), 'utf8').split('\n');
    const [, segment = ''] = (lines[6] ?? '').trim().split(/\s+/);
    return { creator: Number(lines[0]), segment };
  } catch {
    return undefined; // it ended in good order
  }
}

/** proc(5), /proc/sysvipc/shm: field 2 is the id, 5 the creator's pid, 7 how many processes are attached. */
function isAbandoned({ segment, creator }: Lock): boolean {
  let table: string;
  try {
    table = readFileSync('/proc/sysvipc/shm', 'utf8');
  } catch {
    return false; // not Linux
  }
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some((fields) => fields[1] === segment && fields[4] === String(creator) && fields[6] === '0');
}
