import type { ProcessIdentity } from '../processes.ts';
import type { Link } from '../stack.ts';
import { type BaseState, readState as readBase, writeState } from '../state.ts';
import type { ExternalTarget, Hooked } from './schema.ts';

/** The proxy of a link as it was found, and as it is left. */
export interface FoundProxy {
  readonly name: string;
  /** `HOST:PORT` where the harness reaches it. */
  readonly address: string;
  /** `HOST:PORT` */
  readonly upstream: string;
}

/** What a component is at one time, in the words of its `state` command. */
export type HookedState = 'running' | 'paused' | 'exited';

/** A change of a component that was begun and is not known to have happened yet. */
export interface Change {
  readonly wanted: HookedState;
  /** The command that brings it about; undefined before it is started. */
  readonly process?: ProcessIdentity;
}

/**
 * What is known of an external target while a run uses it: enough to undo everything without the file, which may have changed
 * meanwhile. Holds names of environment variables and no secret.
 */
export interface ExternalState extends BaseState {
  readonly target: ExternalTarget;
  readonly proxies: Readonly<Partial<Record<Link, FoundProxy>>>;
  /** Part → version, as the target said it. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where a fault was injected: what must be as it was when the run is over. */
  readonly touched: readonly (Link | Hooked)[];
  /** Changes by commands that are under way. */
  readonly changing?: Readonly<Partial<Record<Hooked, Change>>>;
}

/** Reads the state of an external target in use. @throws ChaosError `E_STACK_STATE` when there is none */
export function readState(folder: string): ExternalState {
  return readBase(folder) as ExternalState;
}

/** Writes down that a place will be touched, before it is. */
export function noteTouched(folder: string, place: Link | Hooked): void {
  const state = readState(folder);
  if (!state.touched.includes(place))
    writeState(folder, { ...state, touched: [...state.touched, place] } as ExternalState);
}

/** Writes down that a command will change a component, before it is started. */
export function noteChange(folder: string, name: Hooked, wanted: HookedState): void {
  noteTouched(folder, name);
  writeChange(folder, name, { wanted });
}

/** Writes down the command that has begun a change. */
export function noteProcess(
  folder: string,
  name: Hooked,
  wanted: HookedState,
  process: ProcessIdentity,
): void {
  writeChange(folder, name, { wanted, process });
}

/** Strikes a change out: it has happened, or its command has failed. */
export function noteChanged(folder: string, name: Hooked): void {
  writeChange(folder, name, undefined);
}

/** Where nothing can be written, as on a full disk, or there is no state any more, a fault is injected and undone all the same. */
function writeChange(folder: string, name: Hooked, change: Change | undefined): void {
  try {
    const state = readState(folder);
    const { [name]: _before, ...others } = state.changing ?? {};
    writeState(folder, {
      ...state,
      changing: change ? { ...others, [name]: change } : others,
    } as ExternalState);
  } catch {
    // Whoever comes after a kill -9 goes by what the component is at that moment.
  }
}
