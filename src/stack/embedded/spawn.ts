import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { identify, type ProcessIdentity, STACK_VARIABLE } from '../processes.ts';
import type { LaunchSpec } from './state.ts';

/** Where and as whose a process is started. */
export interface Place {
  /** The folder that it works in. */
  readonly folder: string;
  /** What its output is appended to. */
  readonly logFile: string;
  /** The stack that it belongs to. */
  readonly stackId: string;
}

/**
 * Starts a process in a session of its own, so that Ctrl-C in the terminal does not reach it, and without a hold on this
 * one's event loop.
 *
 * @returns who it is; undefined when it has ended already
 * @throws ChaosError `E_STACK_START` when the system cannot start the program
 */
export async function spawnDetached(launch: LaunchSpec, place: Place): Promise<ProcessIdentity | undefined> {
  const child = start(launch, place);
  child.unref();
  // Asked for at once, before anything can go wrong in between.
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  await hasStarted(child, launch);
  return identity;
}

/**
 * Starts a process as {@link spawnDetached} does, and waits until it has ended.
 *
 * @returns its exit code; undefined when a signal ended it
 */
export async function runDetached(launch: LaunchSpec, place: Place): Promise<number | undefined> {
  const child = start(launch, place);
  const ended = once(child, 'exit');
  ended.catch(() => {}); // hasStarted reports it
  await hasStarted(child, launch);
  const [code] = await ended;
  return code ?? undefined;
}

function start(launch: LaunchSpec, { folder, logFile, stackId }: Place): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(launch.command, launch.args, {
      cwd: folder,
      env: { ...baseEnvironment(), ...launch.env, [STACK_VARIABLE]: stackId },
      detached: true,
      stdio: ['ignore', log, log],
      ...launch.user,
    });
  } finally {
    closeSync(log);
  }
}

async function hasStarted(child: ChildProcess, { command }: LaunchSpec): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new ChaosError({
      code: 'E_STACK_START',
      happened: `${command} could not be started: ${messageOf(error)}.`,
      remedy: 'see `langfuse-chaos doctor`.',
      cause: error,
    });
  }
}

/**
 * What every process of a stack gets. Nothing else of the user's environment: a forgotten AWS_PROFILE, PGHOST or NODE_OPTIONS
 * would change what is under test.
 */
function baseEnvironment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: process.env.HOME ?? tmpdir(),
    TMPDIR: tmpdir(),
    // Langfuse relies on UTC in all its parts.
    TZ: 'UTC',
    LC_ALL: 'C',
  };
}
