import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from '../processes.ts';

/**
 * The TCP ports that a process listens on. Without this check, a stranger that was faster to bind the port
 * could be taken for the child that was started.
 */
export function listeningPorts({ pid }: ProcessIdentity): ReadonlySet<number> {
  return new Set(process.platform === 'linux' ? portsByProc(pid) : portsByLsof(pid));
}

function portsByProc(pid: number): number[] {
  const sockets = new Set(openFiles(pid));
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap(listeners)
    .filter(({ socket }) => sockets.has(socket))
    .map(({ port }) => port);
}

/** proc(5), /proc/net/tcp: field 2 is address:port in hexadecimal, 4 the state (0A is LISTEN), 10 the inode. */
function listeners(table: string): { readonly socket: string; readonly port: number }[] {
  return readFileSync(table, 'latin1')
    .split('\n')
    .filter((line) => line.includes(' 0A ')) // before the costly part: there may be thousands of other sockets
    .map((line) => line.trim().split(/\s+/))
    .map((fields) => ({
      socket: `socket:[${fields[9]}]`,
      port: Number.parseInt(fields[1]?.split(':')[1] ?? '', 16),
    }));
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

/** With `-F n` each address is a line of its own, `n127.0.0.1:8080`. */
function portsByLsof(pid: number): number[] {
  try {
    const out = execFileSync('lsof', ['-nP', '-a', '-p', String(pid), '-iTCP', '-sTCP:LISTEN', '-Fn'], {
      encoding: 'utf8',
    });
    return [...out.matchAll(/^n.*:(\d+)$/gm)].map(([, port]) => Number(port));
  } catch {
    return []; // lsof fails when it finds nothing
  }
}
