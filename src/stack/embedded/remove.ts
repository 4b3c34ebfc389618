import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { stacksFolder } from './folder.ts';
import { freeSharedMemory } from './parts/postgres-rests.ts';
import { identify, type ProcessIdentity, processState, sendSignal, stackProcesses } from './processes.ts';
import { hasState, makerOf, readState, removalName, type StackState, updateState } from './state.ts';

const LOOK_INTERVAL_MS = 10;
/** Time for Postgres to give its shared memory back; SIGKILL would leave it for ever. */
const POSTGRES_GRACE_MS = 1000;
const KILL_TIMEOUT_MS = 10_000;

/** A stack that lies on this machine. */
export interface StackEntry {
  readonly id: string;
  readonly folder: string;
  /** Whether the harness process that started it still runs. */
  readonly ownerAlive: boolean;
  /** Whether it is meant to outlive that process. */
  readonly detached: boolean;
  /** Whether it is for a person to work with, and not for one run alone. */
  readonly byHand: boolean;
}

/** The stacks of this user. */
export async function listStacks(): Promise<StackEntry[]> {
  const root = stacksFolder();
  return (await readdir(root)).sort().flatMap((id) => {
    const folder = join(root, id);
    // One that is being made or removed is none.
    const state = makerOf(id) === undefined ? stateIn(folder) : undefined;
    if (!state) return [];
    return [
      {
        id,
        folder,
        ownerAlive: processState(state.owner) !== 'exited',
        detached: state.detached,
        byHand: state.byHand,
      },
    ];
  });
}

/** Lets a stack outlive the process that started it: {@link removeLeftovers} passes it over. */
export function detachStack(folder: string): void {
  updateState(folder, () => ({ detached: true }));
}

/**
 * Ends every process of a stack and removes its folder. Nothing happens when it is gone already. Several processes may do it
 * at the same time, such as `down` and a run's watchdog.
 *
 * @throws ChaosError `E_TIMEOUT` when a process cannot be killed, `E_STACK_FOLDER` when it is no folder of a stack
 */
export async function removeStack(folder: string): Promise<void> {
  if (dirname(folder) !== stacksFolder()) {
    throw new ChaosError({
      code: 'E_STACK_FOLDER',
      happened: `${folder} is not removed: no stack lies there.`,
      expected: `a folder in ${stacksFolder()}`,
      remedy: 'remove it by hand, if you mean it.',
    });
  }
  const id = basename(folder);
  const components = stateIn(folder)?.components ?? {};
  const recorded = Object.values(components).flatMap(({ process }) => process ?? []);
  const ended = new Set(recorded.map(({ pid }) => pid));

  const postgres = components.postgres?.process;
  if (postgres) await endPostgres(postgres);
  await waitUntil(
    `the processes of stack ${id} to end`,
    () => {
      const processes = stackProcesses(id, folder, recorded);
      for (const one of processes) {
        sendSignal(one, 'SIGKILL');
        ended.add(one.pid);
      }
      return processes.length === 0;
    },
    {
      timeoutMs: KILL_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      remedy: `end those with ${id} in their environment, then run \`langfuse-chaos down\`.`,
    },
  );
  freeSharedMemory([...ended]);
  await removeFolder(folder);
}

/** Under another name first, which only one of several can give it: for the others it is gone. */
async function removeFolder(folder: string): Promise<void> {
  const doomed = removalName(folder);
  try {
    await rename(folder, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await removeFiles(doomed);
}

async function removeFiles(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Removes every stack whose harness is gone, unless it was detached.
 *
 * @returns the ids of those removed
 * @throws what kept the first of them from being removed, once all others are gone
 */
export async function removeLeftovers(): Promise<string[]> {
  const root = stacksFolder();
  const left = (await listStacks()).filter(({ ownerAlive, detached }) => !ownerAlive && !detached);
  const results = await Promise.allSettled(left.map(({ folder }) => removeStack(folder)));
  await removeRests(root);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return left.map(({ id }) => id);
}

/** Folders whose making or removal was cut off. */
async function removeRests(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const maker = makerOf(name);
    if (maker !== undefined && identify(maker)) continue;
    if (maker !== undefined) await removeFiles(join(root, name));
    else if (/^[0-9a-f]{10}$/.test(name) && !hasState(join(root, name))) await removeStack(join(root, name));
  }
}

/** Undefined when no stack that this version knows lies there, or no longer. */
export function stateIn(folder: string): StackState | undefined {
  try {
    return readState(folder);
  } catch {
    return undefined;
  }
}

async function endPostgres(identity: ProcessIdentity): Promise<void> {
  sendSignal(identity, 'SIGQUIT'); // "immediate": no checkpoint
  sendSignal(identity, 'SIGCONT'); // in case it is paused
  await waitUntil('Postgres to end', () => processState(identity) === 'exited', {
    timeoutMs: POSTGRES_GRACE_MS,
    intervalMs: LOOK_INTERVAL_MS,
  }).catch(() => {});
}
