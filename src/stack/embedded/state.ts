import type { HttpLink } from '../http.ts';
import type { StartedState } from '../new-state.ts';
import type { ProcessIdentity } from '../processes.ts';
import type { StackSpec } from '../spec.ts';
import type { AppProcess, Component, Link } from '../stack.ts';
import { readState as readBaseState, writeState } from '../state.ts';

/** How a process is started; enough to start it again from another harness process. */
export interface LaunchSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** What it gets on top of the few variables that every process of a stack has. */
  readonly env: Readonly<Record<string, string>>;
  /** Another OS user to run as; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/**
 * What listens where. A component's own port has its name (of `dns` it is the control port); `dns:web` and `dns:worker`
 * are the DNS server's TCP ports behind Toxiproxy, `http:web→s3` and its like those of the HTTP proxy; a link's port is Toxiproxy's listener. The port of a dns link is used
 * twice: by Toxiproxy over TCP, by the DNS server over UDP.
 */
export type PortName = Component | `dns:${AppProcess}` | `http:${HttpLink}` | Link;

/** One process of a stack as written to disk. `launch` is there before it is first started, the process after. */
export interface ComponentRecord {
  readonly launch: LaunchSpec;
  readonly process?: ProcessIdentity;
  /** When that process was started, milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly logFile: string;
}

/** A stack whose parts are processes of this machine. */
export type LocalSpec = Extract<StackSpec, { kind: 'embedded' | 'source' }>;

/** What is known of an embedded stack, or of one whose application is a checkout. */
export interface StackState extends StartedState {
  readonly spec: LocalSpec;
  readonly other?: LocalSpec;
  /** What web and worker run, of those that were replaced. */
  readonly runs?: Partial<Record<AppProcess, LocalSpec>>;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly components: Partial<Record<Component, ComponentRecord>>;
}

/**
 * Reads a stack's state.
 *
 * @throws ChaosError `E_STACK_STATE` when there is none, or it is of another version of the harness
 */
export const readState = (folder: string) => readBaseState(folder) as StackState;

/** The state for one component: of a process that was replaced, `spec` is what it runs now. */
export function stateOf(folder: string, name: Component): StackState {
  const state = readState(folder);
  const spec = name === 'web' || name === 'worker' ? state.runs?.[name] : undefined;
  return spec ? { ...state, spec } : state;
}

/** Changes a stack's state on disk. Synchronous, so that two changes of one process never lose each other. */
export function updateState(folder: string, change: (state: StackState) => Partial<StackState>): StackState {
  const before = readState(folder);
  const after = { ...before, ...change(before) };
  writeState(folder, after);
  return after;
}

/** Changes what is known of one process. */
export function updateComponent(folder: string, name: Component, record: ComponentRecord): StackState {
  return updateState(folder, ({ components }) => ({ components: { ...components, [name]: record } }));
}
