import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process was started, as a text that only compares for equality; undefined if there is no such process.
 * With it a process id names one process for ever, although the system uses ids again.
 */
export function processStart(pid) {
  try {
    // proc(5): the 22nd field; the second, the name in brackets, can hold anything, so count from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended already and only waits for its parent to take note.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A process as it can be written to a file: its id and its start. */
export const identify = (pid) => ({ pid, started: processStart(pid) });

/** Whether the process that was identified still runs. */
export const isRunning = ({ pid, started }) => started !== undefined && processStart(pid) === started;
