import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../../processes.ts';

const LOCK_FILE = 'postmaster.pid';

/**
 * Removes what a killed Postgres left on its data: its lock file, which keeps the next one out for as long as the dead
 * process waits for its parent, and its shared memory. Nothing happens while it runs.
 *
 * @param cluster Postgres' data folder
 */
export function clearAfterKill(cluster: string): void {
  const creator = creatorOf(cluster);
  if (creator === undefined || identify(creator)) return;
  freeSharedMemory([creator]);
  rmSync(join(cluster, LOCK_FILE));
}

/**
 * Frees the System V shared memory that processes left when they were killed; a system holds only some thousand segments.
 * Linux only: elsewhere the few bytes stay until the machine starts again.
 *
 * @param creators pids of processes that have ended
 */
export function freeSharedMemory(creators: readonly number[]): void {
  for (const id of abandonedSegments(creators)) {
    try {
      execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' });
    } catch (error) {
      // Somebody else may have been faster.
      if (abandonedSegments(creators).includes(id)) throw error;
    }
  }
}

/** Line 1 of the lock file is the pid, negative for initdb's servers (Postgres, src/include/utils/pidfile.h). */
function creatorOf(cluster: string): number | undefined {
  try {
    return Math.abs(Number.parseInt(readFileSync(join(cluster, LOCK_FILE), 'utf8'), 10));
  } catch {
    return undefined; // it ended in good order
  }
}

/** proc(5), /proc/sysvipc/shm: field 2 is the id, 5 the creator's pid, 7 how many processes are attached. */
function abandonedSegments(creators: readonly number[]): string[] {
  let table: string;
  try {
    table = readFileSync('/proc/sysvipc/shm', 'utf8');
  } catch {
    return []; // not Linux
  }
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => creators.includes(Number(fields[4])) && fields[6] === '0')
    .flatMap((fields) => fields[1] ?? []);
}
