import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives back the System V shared memory that a Postgres left when it was killed. The next start on the same data does so
 * too, but data that is removed has no next start, and the system holds only some thousand segments. Linux only: elsewhere its
 * few bytes stay until the machine starts again.
 *
 * @param cluster data folder of a Postgres that has ended
 */
export function freeSharedMemory(cluster: string): void {
  const segment = segmentOf(cluster);
  if (!segment || !isAbandoned(segment)) return;
  execFileSync('ipcrm', ['-m', segment.id], { stdio: 'ignore' });
}

interface Segment {
  readonly id: string;
  /** Pid of the server that made it. */
  readonly creator: string;
}

/** postmaster.pid: line 1 is the pid, line 7 the key and the id of the segment (src/include/utils/pidfile.h). */
function segmentOf(cluster: string): Segment | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const [, id] = (lines[6] ?? '').trim().split(/\s+/);
    const creator = lines[0]?.trim();
    return id && creator ? { id, creator } : undefined;
  } catch {
    return undefined; // it ended in good order
  }
}

/** proc(5), /proc/sysvipc/shm: field 2 is the id, 5 the creator's pid, 7 how many processes are attached. */
function isAbandoned({ id, creator }: Segment): boolean {
  let table: string;
  try {
    table = readFileSync('/proc/sysvipc/shm', 'utf8');
  } catch {
    return false; // not Linux
  }
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some((fields) => fields[1] === id && fields[4] === creator && fields[6] === '0');
}
