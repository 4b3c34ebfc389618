import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';

/** The variable that every process of a stack carries; its value is the stack's id. */
export const STACK_VARIABLE = 'LANGFUSE_CHAOS_STACK';

/** A process beyond doubt: a pid alone may by now belong to another one. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the system's own words; compared, never read. */
  readonly startTime: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  /** Whether a terminal controls it; known on Linux only. */
  readonly hasTerminal: boolean;
  /** The system's letter: T is stopped, Z has ended and waits for its parent; any other runs. */
  readonly state: string;
}

const hasProc = process.platform === 'linux';

/** The process that has this pid now; undefined when there is none or it has ended. */
export function identify(pid: number): ProcessIdentity | undefined {
  const row = rowOf(pid);
  return row && row.state !== 'Z' ? { pid, startTime: row.startTime } : undefined;
}

/** What the process does now. */
export function processState(identity: ProcessIdentity): 'running' | 'paused' | 'exited' {
  const row = rowOf(identity.pid);
  if (!row || row.startTime !== identity.startTime || row.state === 'Z') return 'exited';
  return row.state === 'T' ? 'paused' : 'running';
}

/** The process and all that descend from it, itself first; empty when it has ended. */
export function processTree(identity: ProcessIdentity): ProcessIdentity[] {
  if (processState(identity) === 'exited') return [];
  return withDescendants([identity.pid], allRows());
}

/**
 * Every process of a stack: those that carry its id in their environment (Linux), those that work in its data without a
 * terminal (Linux; Postgres' children write over their environment, and a person's shell is not ours), those that were recorded, and all that descend from them. Never
 * this process itself.
 */
export function stackProcesses(
  id: string,
  folder: string,
  recorded: readonly ProcessIdentity[],
): ProcessIdentity[] {
  const rows = allRows();
  const roots = rows.filter(
    (row) =>
      recorded.some(({ pid, startTime }) => pid === row.pid && startTime === row.startTime) ||
      (hasProc && (carriesId(row.pid, id) || (!row.hasTerminal && worksIn(row.pid, folder)))),
  );
  return withDescendants(
    roots.map(({ pid }) => pid).filter((pid) => pid !== process.pid),
    rows,
  );
}

/** Sends a signal; a process that has ended in the meantime, or whose pid was given away, is passed over. */
export function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (processState(identity) === 'exited') return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function withDescendants(roots: readonly number[], rows: readonly ProcessRow[]): ProcessIdentity[] {
  const children = Map.groupBy(rows, ({ parent }) => parent);
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid);
  found.delete(process.pid);
  return [...found].flatMap((pid) => {
    const row = byPid.get(pid);
    return row && row.state !== 'Z' ? [{ pid, startTime: row.startTime }] : [];
  });
}

function carriesId(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${STACK_VARIABLE}=${id}`);
  } catch {
    return false; // ended, or another user's
  }
}

function worksIn(pid: number, folder: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    return cwd.startsWith(`${folder}${sep}data${sep}`);
  } catch {
    return false; // ended, or another user's
  }
}

function rowOf(pid: number): ProcessRow | undefined {
  if (hasProc) return readProcStat(pid);
  return readPs(['-p', String(pid)])[0];
}

function allRows(): ProcessRow[] {
  if (!hasProc) return readPs(['-A']);
  return readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (readProcStat(Number(name)) ?? []) : [],
  );
}

/**
 * proc(5): field 3 is the state, 4 the parent, 7 the terminal, 20 the number of threads, 22 the start time in clock ticks; field 2, the
 * name, may hold anything. A process whose first thread has ended is said to be a zombie while others still hold its files
 * and ports: it has not ended.
 */
function readProcStat(pid: number): ProcessRow | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [letter = '', parent = ''] = fields;
    const state = letter === 'Z' && Number(fields[17]) > 1 ? 'ending' : letter;
    return {
      pid,
      state,
      parent: Number(parent),
      hasTerminal: fields[4] !== '0',
      startTime: fields[19] ?? '',
    };
  } catch {
    return undefined; // ended
  }
}

function readPs(selection: readonly string[]): ProcessRow[] {
  let output: string;
  try {
    output = execFileSync('ps', [...selection, '-o', 'pid=,ppid=,state=,lstart='], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch {
    return []; // ps fails when no process was selected
  }
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', startTime = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S)\S*\s+(.+)$/.exec(line) ?? [];
    if (!pid) return [];
    return [
      { pid: Number(pid), parent: Number(parent), hasTerminal: false, state, startTime: startTime.trim() },
    ];
  });
}
