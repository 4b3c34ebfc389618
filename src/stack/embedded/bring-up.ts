import { setTimeout as delay } from 'node:timers/promises';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { dataFolderOf, logFileOf } from '../folder.ts';
import { type ProcessIdentity, processState } from '../processes.ts';
import { secretTexts } from '../secrets.ts';
import { logForError } from './log.ts';
import { type Part, PROBE_TIMEOUT_MS } from './parts/part.ts';
import { listeningPorts } from './port-owner.ts';
import { isFreeTcp, isFreeUdp } from './ports.ts';
import { spawnDetached } from './spawn.ts';
import { readState, type StackState, stateOf, updateComponent } from './state.ts';

/** How long a component may take that does not say so itself. */
const START_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 20;

/**
 * Starts the process of a component on the ports of the state, and does not wait until it answers.
 *
 * @param folder the stack's folder
 * @returns who it is; undefined when it has ended already
 * @throws ChaosError `E_STACK_START` when the system cannot start the program
 */
export async function launchPart(part: Part, folder: string): Promise<ProcessIdentity | undefined> {
  const state = stateOf(folder, part.name);
  part.clear?.(folder);
  const launch = await part.launch(folder, state);
  const logFile = logFileOf(folder, part.name);
  updateComponent(folder, part.name, { launch, logFile });
  const identity = await spawnDetached(launch, {
    folder: dataFolderOf(folder, part.name),
    logFile,
    stackId: state.id,
  });
  const startedAt = Date.now();
  if (identity) updateComponent(folder, part.name, { launch, logFile, process: identity, startedAt });
  return identity;
}

/**
 * Starts a component on the ports of the state and waits until it answers.
 *
 * @param folder the stack's folder
 * @returns its version, where it tells one
 * @throws ChaosError `E_STACK_START`, with its last log lines, when it ends instead or does not answer in time
 */
export async function bringUp(part: Part, folder: string, signal?: AbortSignal): Promise<string | undefined> {
  signal?.throwIfAborted();
  const identity = await launchPart(part, folder);
  const state = readState(folder);
  const logFile = logFileOf(folder, part.name);
  const ended = new AbortController();
  const look = async () => {
    if (!identity || processState(identity) === 'exited') {
      ended.abort();
      return undefined;
    }
    return { version: await askPart(part, folder, identity) };
  };
  try {
    const { version } = await waitUntil(`${part.name} to answer`, look, {
      timeoutMs: part.startTimeoutMs ?? START_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      signal: AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]),
    });
    return version;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const taken = ended.signal.aborted ? await takenPorts(part, state.ports) : [];
    const log = await logForError(logFile, secretTexts(state));
    if (taken.length > 0) {
      throw new ChaosError({
        code: 'E_PORT_TAKEN',
        happened: `The component ${part.name} ended while it was started: another process holds port ${taken.join(', ')}.`,
        log,
        remedy: `see who holds it (\`ss -lntup\`), and run again.`,
      });
    }
    throw new ChaosError({
      code: 'E_STACK_START',
      happened: ended.signal.aborted
        ? `The component ${part.name} ended while it was started.`
        : messageOf(error),
      log,
      remedy: 'see `langfuse-chaos doctor`, and run again.',
      ...(ended.signal.aborted ? {} : { cause: error }),
    });
  }
}

/**
 * Asks a component whether it answers, and that it is the process that was started.
 *
 * @returns its version, where it tells one
 * @throws when it does not answer within 5 s, or another process does
 */
export async function askPart(
  part: Part,
  folder: string,
  identity: ProcessIdentity,
): Promise<string | undefined> {
  const state = stateOf(folder, part.name);
  const version = await withinTime(part.probe(folder, state));
  // After the probe: the system takes milliseconds to list its sockets, and this look is often repeated.
  checkPorts(part, identity, state.ports);
  return version;
}

/** A stranger on the port may take the connection and never answer, and not every client of a probe gives up by itself. */
async function withinTime<T>(probe: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const silence = delay(PROBE_TIMEOUT_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`no answer within ${PROBE_TIMEOUT_MS / 1000} s`);
  });
  try {
    return await Promise.race([probe, silence]);
  } finally {
    answered.abort();
  }
}

function checkPorts(part: Part, identity: ProcessIdentity, ports: StackState['ports']): void {
  const listening = listeningPorts(identity);
  for (const name of part.tcp) {
    if (!listening.has(ports[name])) throw new Error(`it does not listen on port ${ports[name]}`);
  }
}

async function takenPorts(part: Part, ports: StackState['ports']): Promise<number[]> {
  const taken: number[] = [];
  for (const name of part.tcp) if (!(await isFreeTcp(ports[name]))) taken.push(ports[name]);
  for (const name of part.udp) if (!(await isFreeUdp(ports[name]))) taken.push(ports[name]);
  return taken;
}
