import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ChaosError } from '../base/errors.ts';
import { stacksFolder } from './folder.ts';
import { identify, processState } from './processes.ts';
import { type StackSpec, specText } from './spec.ts';
import { type BaseState, hasState, makerOf, readState, removalName, stateIn, writeState } from './state.ts';

/** A stack that lies on this machine. */
export interface StackEntry {
  readonly id: string;
  readonly folder: string;
  readonly spec: StackSpec;
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
        spec: state.spec,
        ownerAlive: processState(state.owner) !== 'exited',
        detached: state.detached,
        byHand: state.byHand,
      },
    ];
  });
}

/** What {@link removeStack} has done with a stack, for those who tell the user; an external target is ended by nobody but its owner. */
export function removedText({ id, spec }: Pick<StackEntry, 'id' | 'spec'>): string {
  return spec.kind === 'external'
    ? `let go of ${specText(spec)} (stack ${id}): where faults were injected it is as it was found, and it runs on`
    : `ended stack ${id}`;
}

/** Lets a stack outlive the process that started it: {@link removeLeftovers} passes it over. */
export function detachStack(folder: string): void {
  writeState(folder, { ...readState(folder), detached: true });
}

/**
 * Ends every process or container of a stack and removes its folder. Nothing happens when it is gone already. Several processes may do it
 * at the same time, such as `down` and a run's watchdog.
 *
 * @throws ChaosError `E_TIMEOUT` when a process cannot be killed, `E_STACK_FOLDER` when it is no folder of a stack,
 *   `E_DOCKER_ENGINE` when the engine of its containers is away; the folder is kept then
 */
export async function removeStack(folder: string): Promise<void> {
  requireStackFolder(folder);
  const state = stateIn(folder);
  // The parts of a kind are loaded only here: the watchdog, which hardly ever comes here, stays small and quick.
  await (await import('./stacks.ts')).endStack(folder, state);
  await removeFolder(folder);
}

/** Why a stack can't be ended that lies in nobody's hands here: its engine or its target is away, perhaps for good. */
const OUT_OF_REACH = ['E_DOCKER_ENGINE', 'E_EXTERNAL_RESTORE'];

/**
 * As {@link removeStack}, but removes the folder also where what belongs to it is out of reach: for those who know that it is gone, or who
 * end it themselves.
 *
 * @returns what kept it from being ended; undefined when it was
 * @throws ChaosError `E_STACK_IN_USE` when the process that started it lives and has not let go of it: it needs the folder to undo its faults;
 *   `E_TIMEOUT` when a process of this machine cannot be killed, `E_STACK_FOLDER`
 */
export async function forgetStack(folder: string): Promise<ChaosError | undefined> {
  requireStackFolder(folder);
  requireUnused(stateIn(folder));
  try {
    await removeStack(folder);
    return undefined;
  } catch (error) {
    if (!(error instanceof ChaosError && OUT_OF_REACH.includes(error.code))) throw error;
    await removeFolder(folder);
    return error;
  }
}

function requireUnused(state: BaseState | undefined): void {
  if (!state || state.detached || processState(state.owner) === 'exited') return;
  throw new ChaosError({
    code: 'E_STACK_IN_USE',
    happened: `Stack ${state.id} is not forgotten: process ${state.owner.pid}, which started it, still uses it and needs its folder to undo what it has changed.`,
    remedy: `end that process first, with Ctrl-C where it runs; or end the stack with \`langfuse-chaos down ${state.id}\`, which keeps the folder should that fail.`,
  });
}

function requireStackFolder(folder: string): void {
  if (dirname(folder) !== stacksFolder()) {
    throw new ChaosError({
      code: 'E_STACK_FOLDER',
      happened: `${folder} is not removed: no stack lies there.`,
      expected: `a folder in ${stacksFolder()}`,
      remedy: 'remove it by hand, if you mean it.',
    });
  }
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
 * @param onKept told of each that is kept because the engine of its containers is away, which is no reason not to go on; thrown unless given
 * @returns those removed
 * @throws what kept the first of them from being removed, once all others are gone
 */
export async function removeLeftovers(
  onKept?: (id: string, error: ChaosError) => void,
): Promise<StackEntry[]> {
  const root = stacksFolder();
  const left = (await listStacks()).filter(({ ownerAlive, detached }) => !ownerAlive && !detached);
  const results = await Promise.allSettled(
    left.map(async (entry) => {
      try {
        await removeStack(entry.folder);
        return [entry];
      } catch (error) {
        if (!onKept || !(error instanceof ChaosError) || error.code !== 'E_DOCKER_ENGINE') throw error;
        onKept(entry.id, error);
        return [];
      }
    }),
  );
  await removeRests(root);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
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
