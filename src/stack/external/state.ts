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
