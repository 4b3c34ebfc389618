import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { identify, type ProcessIdentity, STACK_VARIABLE } from './processes.ts';
import type { LaunchSpec } from './state.ts';

/**
 * What every process of a stack gets. Nothing else of the user's environment: a forgotten AWS_PROFILE, PGHOST or NODE_OPTIONS
 * would change what is under test.
 */
export function baseEnvironment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: process.env.HOME ?? tmpdir(),
    TMPDIR: tmpdir(),
    // Langfuse relies on UTC in all its parts.
    TZ: 'UTC',
    LC_ALL: 'C',
  };
}

/**
 * Starts a process in a process group of its own, so that Ctrl-C in the terminal does not reach it, and without a hold on
 * this one's event loop.
 *
 * @param at `folder` it works in, `logFile` that its output is appended to, `stackId` that it carries
 * @throws ChaosError `E_STACK_START` when the system cannot start the program
 */
export async function spawnDetached(
  launch: LaunchSpec,
  at: { readonly folder: string; readonly logFile: string; readonly stackId: string },
): Promise<ProcessIdentity | undefined> {
  const log = openSync(at.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(launch.command, launch.args, {
      cwd: at.folder,
      env: { ...baseEnvironment(), ...launch.env, [STACK_VARIABLE]: at.stackId },
      detached: true,
      stdio: ['ignore', log, log],
      ...launch.user,
    });
  } finally {
    closeSync(log);
  }
  child.unref();
  // Known at once, before anything can go wrong in between; undefined when it could not be started or has ended already.
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new ChaosError({
      code: 'E_STACK_START',
      happened: `${launch.command} could not be started: ${messageOf(error)}.`,
      remedy: 'see `langfuse-chaos doctor`.',
      cause: error,
    });
  }
  return identity;
}
