import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRandom } from '../src/base/random.ts';
import { waitUntil } from '../src/base/wait-until.ts';
import { openFaults } from '../src/run/journal.ts';
import { LEASE_SECONDS } from '../src/run/watchdog/lease.ts';
import { isFreeTcp } from '../src/stack/embedded/ports.ts';
import { readState } from '../src/stack/embedded/state.ts';

/** What the benchmark measured. */
export interface KillFigures {
  /** Harnesses that were killed. */
  readonly kills: number;
  /** Of those, how many had a fault open. */
  readonly underFault: number;
  /** Seconds from the kill until every fault was undone and nothing was left: the median and the longest. */
  readonly median: number;
  readonly longest: number;
  /** The lease and 2 s. */
  readonly floor: number;
}

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const SCENARIO = fileURLToPath(new URL('./short-outage.ts', import.meta.url));
/** By then something is left for good. */
const GIVE_UP_MS = 60_000;

/**
 * Kills harnesses with SIGKILL, each at a random moment of a short run, and waits until no process, no port, no folder and no open
 * entry of a journal is left. Nothing but the watchdogs cleans up. Linux only.
 *
 * Throws when anything is left after a minute.
 */
export async function benchKills(kills = 50, seed = '1'): Promise<KillFigures> {
  const random = createRandom(seed);
  const lengthMs = await wholeRunMs();
  const seconds: number[] = [];
  let underFault = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const at = random.float() * lengthMs;
    const { tookMs, hadFault } = await killOnce(at);
    seconds.push(tookMs / 1000);
    if (hadFault) underFault += 1;
    console.error(
      `kill ${kill + 1} of ${kills} after ${(at / 1000).toFixed(1)} s of ${(lengthMs / 1000).toFixed(1)} s: ` +
        `${hadFault ? 'a fault was on; ' : ''}all gone after ${(tookMs / 1000).toFixed(2)} s`,
    );
  }
  const sorted = seconds.toSorted((a, b) => a - b);
  return {
    kills,
    underFault,
    median: sorted[Math.floor(kills / 2)] ?? 0,
    longest: sorted.at(-1) ?? 0,
    floor: LEASE_SECONDS + 2,
  };
}

/** Milliseconds that the run takes when nobody kills it. */
async function wholeRunMs(): Promise<number> {
  using place = temporaryPlace();
  const began = performance.now();
  await once(startRun(place), 'exit');
  return performance.now() - began;
}

async function killOnce(afterMs: number): Promise<{ tookMs: number; hadFault: boolean }> {
  using place = temporaryPlace();
  const run = startRun(place);
  const ended = once(run, 'exit');
  await Promise.race([delay(afterMs), ended]);
  const ports = portsIn(place);
  run.kill('SIGKILL');
  const killedAt = performance.now();
  const hadFault = openIn(place) > 0;
  await ended;
  await waitUntil(
    'everything to be gone',
    async () => {
      const left = await leftIn(place, ports);
      if (left.length > 0) throw new Error(`left are ${left.join(', ')}`);
      return true;
    },
    { timeoutMs: GIVE_UP_MS, intervalMs: 50 },
  );
  return { tookMs: performance.now() - killedAt, hadFault };
}

/** A temporary folder of the run's own, by which its processes are known as well. */
interface Place extends Disposable {
  readonly tmp: string;
  readonly reports: string;
}

function temporaryPlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'bench-kills-'));
  // Postgres may run as another user, who must be able to walk to its data.
  chmodSync(root, 0o711);
  const [tmp, reports] = [join(root, 'tmp'), join(root, 'reports')];
  mkdirSync(tmp, { mode: 0o711 });
  mkdirSync(reports);
  return { tmp, reports, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

function startRun({ tmp, reports }: Place) {
  return spawn(process.execPath, [MAIN, 'run', SCENARIO, '--seed', '1'], {
    env: { ...process.env, TMPDIR: tmp, LANGFUSE_CHAOS_REPORTS: reports },
    stdio: 'ignore',
  });
}

/** Everything that is left, in words. */
async function leftIn(place: Place, ports: readonly number[]): Promise<string[]> {
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && belongsTo(pid, place));
  const busy = await Promise.all(ports.map(async (port) => !(await isFreeTcp(port))));
  return [
    ...processes.map((pid) => `process ${pid}`),
    ...ports.filter((_, index) => busy[index]).map((port) => `port ${port}`),
    ...stackFolders(place).map((folder) => `folder ${folder}`),
    ...(openIn(place) > 0 ? ['an open entry in the journal'] : []),
  ];
}

/** By its environment, or by the folder that it works in: Postgres' processes write over their environment. */
function belongsTo(pid: string, { tmp }: Place): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return environment.includes(`TMPDIR=${tmp}`) || readlinkSync(`/proc/${pid}/cwd`).startsWith(tmp);
  } catch {
    return false; // ended
  }
}

function stackFolders({ tmp }: Place): string[] {
  return readdirSync(tmp).flatMap((root) =>
    readdirSync(join(tmp, root)).map((name) => join(tmp, root, name)),
  );
}

function portsIn(place: Place): number[] {
  return stackFolders(place).flatMap((folder) => {
    try {
      return Object.values(readState(folder).ports);
    } catch {
      return []; // being made
    }
  });
}

function openIn({ reports }: Place): number {
  const runs = readdirSync(reports, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return runs.flatMap(({ name }) => openFaults(join(reports, name, 'journal.jsonl'))).length;
}

if (import.meta.main) {
  const { kills, underFault, median, longest, floor } = await benchKills(Number(process.argv[2] ?? 50));
  console.log(
    `${kills} kills, ${underFault} of them under a fault: all gone after ${median.toFixed(2)} s (median), ${longest.toFixed(2)} s at most; floor ${floor} s: ${longest <= floor ? 'met' : 'MISSED'}`,
  );
}
