import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from '../processes.ts';

/**
 * Whether the process listens on the TCP port. Without this check, a stranger that was faster to bind the port
 * could be taken for the child that was started.
 */
export function listensOn({ pid }: ProcessIdentity, port: number): boolean {
  return process.platform === 'linux' ? listensByProc(pid, port) : listensByLsof(pid, port);
}

function listensByProc(pid: number, port: number): boolean {
  const sockets = new Set([...listeners('/proc/net/tcp', port), ...listeners('/proc/net/tcp6', port)]);
  return sockets.size > 0 && openFiles(pid).some((file) => sockets.has(file));
}

/** proc(5), /proc/net/tcp: field 2 is address:port in hexadecimal, 4 the state (0A is LISTEN), 10 the inode. */
function listeners(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(table, 'latin1')
    .split('\n')
    .filter((line) => line.includes(`:${hexPort} `)) // before the costly part: there may be thousands
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && fields[1]?.endsWith(`:${hexPort}`))
    .map((fields) => `socket:[${fields[9]}]`);
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return []; // closed since
      }
    });
  } catch {
    return []; // ended
  }
}

function listensByLsof(pid: number, port: number): boolean {
  try {
    return (
      execFileSync('lsof', ['-nP', '-a', '-p', String(pid), `-iTCP:${port}`, '-sTCP:LISTEN', '-t']).length > 0
    );
  } catch {
    return false; // lsof fails when it finds nothing
  }
}
