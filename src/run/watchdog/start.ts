import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { identify } from '../../stack/processes.ts';
import { type RunFolder, writing } from '../run-folder.ts';
import { BEAT, END, RENEW_MS } from './lease.ts';
import { renewer } from './renew.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** A watchdog that was started a moment ago may still be loading. */
const END_TIMEOUT_MS = 5000;

/**
 * Starts the watchdog of a run and renews the lease of the run's faults until the result is disposed of, which ends the
 * watchdog. It has a session of its own, so that Ctrl-C in the terminal does not reach it, and keeps neither this process nor a terminal waiting.
 *
 * @param onGone called when it ends though the run goes on
 * @throws ChaosError `E_WATCHDOG` when it can't be started, `E_RUN_FOLDER` when its log can't be written
 */
export async function startWatchdog(
  folder: RunFolder,
  clock: Clock,
  onGone: () => void,
): Promise<AsyncDisposable> {
  const harness = identify(process.pid);
  if (!harness) throw new Error('this process does not find itself');
  const log = writing(folder.watchdogLogFile, () => openSync(folder.watchdogLogFile, 'a'));
  const child = spawn(process.execPath, [MAIN, folder.path, String(harness.pid), harness.startTime], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new ChaosError({
      code: 'E_WATCHDOG',
      happened: `The watchdog of the run could not be started: ${messageOf(error)}.`,
      expected: 'a process that undoes the faults when this one is killed',
      remedy: 'see whether the system lets this user start more processes.',
      cause: error,
    });
  }
  const pipe = child.stdin as Socket;
  child.unref();
  pipe.unref();
  // That it is gone is told by its end.
  pipe.on('error', () => {});
  child.once('exit', onGone);

  const renew = setInterval(
    renewer(folder.journalFile, clock, () => pipe.write(`${BEAT}\n`)),
    RENEW_MS,
  ).unref();

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(renew);
      child.off('exit', onGone);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.ref();
      pipe.end(`${END}\n`);
      const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
