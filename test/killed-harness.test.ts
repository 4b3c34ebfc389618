import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { openFaults } from '../src/run/journal.ts';
import { isFreeTcp } from '../src/stack/embedded/ports.ts';
import { readState } from '../src/stack/embedded/state.ts';
import { stackProcesses } from '../src/stack/processes.ts';
import { runCli, startCli, temporaryReports } from './support/cli.ts';

const TIMEOUT_MS = 120_000;
/** The lease and 2 s, with room for a machine that does something else; `npm run bench -- kills` measures it. */
const CLEAN_MS = 60_000;
const SCENARIO = fileURLToPath(new URL('fixtures/fault-at-once.ts', import.meta.url));

/** Of every process of the machine. */
function commandLines(): string[] {
  return execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
}

/** Starts a run, waits until its fault is felt, and sends the harness itself a signal. */
async function strikeDuringFault(reports: string, signal: 'SIGKILL' | 'SIGINT') {
  let said = '';
  const felt = Promise.withResolvers<void>();
  const { child, finished } = startCli(['run', SCENARIO], reports, (text) => {
    said += text;
    if (said.includes('felt after')) felt.resolve();
  });
  await Promise.race([
    felt.promise,
    finished.then(({ stderr }) => felt.reject(new Error(`ended early: ${stderr}`))),
  ]);
  await felt.promise;
  const [run] = readdirSync(reports).filter((name) => name !== 'latest');
  const journal = join(reports, run ?? '', 'journal.jsonl');
  const [open] = openFaults(journal);
  expect(open?.fault.name).toBe('refused');
  const stackFolder = open?.stackFolder ?? '';
  const id = stackFolder.slice(stackFolder.lastIndexOf('/') + 1);
  expect(stackProcesses(id, stackFolder, []).length).toBeGreaterThanOrEqual(8);
  const ports = Object.values(readState(stackFolder).ports);
  process.kill(child.pid ?? 0, signal);
  const portsInUse = async () => {
    const free = await Promise.all(ports.map(isFreeTcp));
    return ports.filter((_, index) => !free[index]);
  };
  return {
    child,
    finished,
    journal,
    stackFolder,
    portsInUse,
    left: () => stackProcesses(id, stackFolder, []),
  };
}

test('kill -9 in the middle of a fault, then down: no process and no folder is left', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const { child, stackFolder, portsInUse, left } = await strikeDuringFault(reports.path, 'SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const down = await runCli(['down'], reports.path);
  expect(down.code, down.stderr).toBe(0);
  expect(left()).toEqual([]);
  expect(await portsInUse()).toEqual([]);
  expect(existsSync(stackFolder)).toBe(false);
});

test('kill -9 in the middle of a fault: the watchdog strikes it out, leaves nothing, and ends', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const { journal, stackFolder, portsInUse, left } = await strikeDuringFault(reports.path, 'SIGKILL');
  const watchdogs = () => commandLines().filter((line) => line.includes(dirname(journal)));
  await waitUntil(
    'the watchdog to be done',
    () => openFaults(journal).length === 0 && watchdogs().length === 0,
    { timeoutMs: CLEAN_MS },
  );
  expect(left()).toEqual([]);
  expect(await portsInUse()).toEqual([]);
  expect(existsSync(stackFolder)).toBe(false);
  expect(readFileSync(journal, 'utf8')).toContain('"by":"watchdog"');
});

test('Ctrl-C in the middle of a fault: undone, nothing is left, exit code 130', {
  timeout: TIMEOUT_MS,
}, async () => {
  using reports = temporaryReports();
  const { finished, journal, stackFolder, portsInUse, left } = await strikeDuringFault(
    reports.path,
    'SIGINT',
  );
  const { code, stderr } = await finished;
  expect(code, stderr).toBe(130);
  expect(openFaults(journal)).toEqual([]);
  expect(left()).toEqual([]);
  expect(await portsInUse()).toEqual([]);
  expect(existsSync(stackFolder)).toBe(false);
});
