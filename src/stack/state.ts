import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ChaosError } from '../base/errors.ts';
import { FOLDER_MODE } from './folder.ts';
import type { ProcessIdentity } from './processes.ts';
import type { StackSpec } from './spec.ts';

/** What is known of a stack of any kind, in its `state.json`, so that another process can take hold of it or remove it. */
export interface BaseState {
  readonly version: 2;
  readonly id: string;
  readonly spec: StackSpec;
  /** The harness process that started it. */
  readonly owner: ProcessIdentity;
  /** Whether it is meant to outlive its owner. */
  readonly detached: boolean;
  /** Whether it is for a person to work with, and not for one run alone. */
  readonly byHand: boolean;
}

const FILE = 'state.json';

/**
 * Makes a stack's folder with its state in it. The folder appears under its name only with the state inside, so that a
 * folder without one is always the rest of a removal.
 *
 * @param folder `<stacks folder>/<id>`
 */
export function createState(folder: string, state: BaseState): void {
  const unfinished = join(dirname(folder), `.new-${process.pid}-${basename(folder)}`);
  mkdirSync(unfinished, { mode: FOLDER_MODE });
  mkdirSync(join(unfinished, 'logs'), { mode: 0o700 });
  mkdirSync(join(unfinished, 'data'), { mode: FOLDER_MODE });
  writeState(unfinished, state);
  renameSync(unfinished, folder);
}

/** The name under which this process removes a stack's folder. */
export function removalName(folder: string): string {
  return join(dirname(folder), `.gone-${process.pid}-${basename(folder)}`);
}

/** Pid of the process that is making this folder, when it is the unfinished one of {@link createState}, or removing it. */
export function makerOf(folderName: string): number | undefined {
  const pid = /^\.(?:new|gone)-(\d+)-/.exec(folderName)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Whether a folder holds a state, of whatever version. */
export function hasState(folder: string): boolean {
  return existsSync(join(folder, FILE));
}

/**
 * Reads a stack's state; that of a kind has more in it.
 *
 * @throws ChaosError `E_STACK_STATE` when there is none, or it is of another version of the harness
 */
export function readState(folder: string): BaseState {
  let state: Partial<BaseState> | undefined;
  let cause: unknown;
  try {
    state = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
  } catch (error) {
    cause = error;
  }
  if (state?.version !== 2) {
    throw new ChaosError({
      code: 'E_STACK_STATE',
      happened: `${folder} holds no stack that this version knows.`,
      remedy: 'start one with `langfuse-chaos up`.',
      cause,
    });
  }
  return state as BaseState;
}

/** Undefined when no stack that this version knows lies there, or no longer. */
export function stateIn(folder: string): BaseState | undefined {
  try {
    return readState(folder);
  } catch {
    return undefined;
  }
}

/** Replaced in one step, so that a reader never sees half a file, and nobody else may read it: it holds secrets. */
export function writeState(folder: string, state: BaseState): void {
  const unfinished = join(folder, `${FILE}.${process.pid}`);
  writeFileSync(unfinished, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, join(folder, FILE));
}
