import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import type { HttpLink } from '../http.ts';
import type { AppProcess, Component, Link, Pipeline } from '../stack.ts';
import { FOLDER_MODE } from './folder.ts';
import type { ProcessIdentity } from './processes.ts';

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

/** Random per stack, so that a process of another stack cannot be taken for one of this. */
export interface Secrets {
  readonly redisPassword: string;
  readonly postgresPassword: string;
  readonly clickhousePassword: string;
  readonly s3AccessKeyId: string;
  readonly s3SecretAccessKey: string;
  readonly dnsToken: string;
  readonly httpProxyToken: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly salt: string;
  /** 64 hexadecimal digits, as Langfuse wants it. */
  readonly encryptionKey: string;
  readonly authSecret: string;
}

/** What is known of a stack, in its `state.json`, so that another process can take hold of it or remove it. */
export interface StackState {
  readonly version: 1;
  readonly id: string;
  /** The harness process that started it. */
  readonly owner: ProcessIdentity;
  /** Whether it is meant to outlive its owner. */
  readonly detached: boolean;
  /** Whether it is for a person to work with, and not for one run alone. */
  readonly byHand: boolean;
  readonly redisAppendOnly: boolean;
  readonly pipeline: Pipeline;
  readonly defect?: string;
  readonly settings: Partial<Record<AppProcess, Readonly<Record<string, string>>>>;
  readonly secrets: Secrets;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly components: Partial<Record<Component, ComponentRecord>>;
  readonly versions: Readonly<Record<string, string>>;
}

const FILE = 'state.json';

/**
 * Makes a stack's folder with its state in it. The folder appears under its name only with the state inside, so that a
 * folder without one is always the rest of a removal.
 *
 * @param folder `<stacks folder>/<id>`
 */
export function createState(folder: string, state: StackState): void {
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
 * Reads a stack's state.
 *
 * @throws ChaosError `E_STACK_STATE` when there is none, or it is of another version of the harness
 */
export function readState(folder: string): StackState {
  let state: Partial<StackState> | undefined;
  let cause: unknown;
  try {
    state = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
  } catch (error) {
    cause = error;
  }
  if (state?.version !== 1) {
    throw new ChaosError({
      code: 'E_STACK_STATE',
      happened: `${folder} holds no stack that this version knows.`,
      remedy: 'start one with `langfuse-chaos up`.',
      cause,
    });
  }
  return state as StackState;
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

/** Replaced in one step, so that a reader never sees half a file, and nobody else may read it: it holds secrets. */
function writeState(folder: string, state: StackState): void {
  const unfinished = join(folder, `${FILE}.${process.pid}`);
  writeFileSync(unfinished, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, join(folder, FILE));
}
