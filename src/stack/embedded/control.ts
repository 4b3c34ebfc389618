import { ChaosError } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { logFileOf } from '../folder.ts';
import { type ProcessIdentity, processState, processTree, sendSignal } from '../processes.ts';
import type { Component, ComponentControl } from '../stack.ts';
import { askPart, bringUp, launchPart } from './bring-up.ts';
import { populateLinks } from './links.ts';
import { lastLines, sizeOf } from './log.ts';
import { partOf } from './parts/parts.ts';
import { readState, stateOf } from './state.ts';

const LOOK_INTERVAL_MS = 10;
const SIGNAL_TIMEOUT_MS = 5000;
const GRACE_MS = 10_000;

/** Hold of one component of the stack in a folder. All is read from the state file, which others may have changed. */
export function componentControl(folder: string, name: Component): ComponentControl {
  const part = () => partOf(name, stateOf(folder, name));
  const current = (): ProcessIdentity | undefined => readState(folder).components[name]?.process;
  const stateNow = () => {
    const identity = current();
    return identity ? processState(identity) : 'exited';
  };
  /** The process and its children: Postgres and Redis do part of their work in those. */
  const signalAll = (identity: ProcessIdentity, signal: NodeJS.Signals) => {
    // The parent first, so that it makes no more children; then those that it has.
    const before = processTree(identity);
    sendSignal(identity, signal);
    for (const member of new Map(
      [...before, ...processTree(identity)].map((one) => [one.pid, one]),
    ).values()) {
      if (member.pid !== identity.pid) sendSignal(member, signal);
    }
    return before;
  };
  const untilAll = (
    processes: readonly ProcessIdentity[],
    wanted: 'paused' | 'running' | 'exited',
    timeoutMs: number,
  ) =>
    waitUntil(
      `${name} to be ${wanted}`,
      () => processes.every((one) => [wanted, 'exited'].includes(processState(one))),
      { timeoutMs, intervalMs: LOOK_INTERVAL_MS },
    );
  const isStartable = (): boolean => {
    if (stateNow() !== 'paused') return stateNow() === 'exited';
    throw new ChaosError({
      code: 'E_COMPONENT_PAUSED',
      happened: `The component ${name} cannot be started: it is paused.`,
      remedy: 'resume it.',
    });
  };
  const alive = (wanted: string): ProcessIdentity => {
    const identity = current();
    if (identity && processState(identity) !== 'exited') return identity;
    throw new ChaosError({
      code: 'E_COMPONENT_GONE',
      happened: `The component ${name} cannot be ${wanted}: it does not run.`,
      remedy: 'start it first.',
    });
  };
  const kill = async () => {
    const identity = current();
    if (!identity) return;
    const processes = signalAll(identity, 'SIGKILL');
    await untilAll(processes, 'exited', SIGNAL_TIMEOUT_MS);
  };

  return {
    name,
    state: async () => stateNow(),
    startedAt: async () => readState(folder).components[name]?.startedAt ?? 0,
    async start() {
      if (!isStartable()) return;
      await bringUp(part(), folder);
      if (name === 'toxiproxy') await populateLinks(readState(folder));
    },
    async launch() {
      if (isStartable()) await launchPart(part(), folder);
    },
    async answers() {
      const identity = current();
      if (!identity || stateNow() !== 'running') return false;
      return askPart(part(), folder, identity).then(
        () => true,
        () => false,
      );
    },
    async stop(graceMs = GRACE_MS) {
      const identity = current();
      if (!identity) return;
      const processes = processTree(identity);
      sendSignal(identity, part().stopSignal);
      // A paused process gets the signal when it goes on.
      for (const one of processes) sendSignal(one, 'SIGCONT');
      await untilAll(processes, 'exited', graceMs).catch(kill);
    },
    kill,
    async pause() {
      const identity = alive('paused');
      signalAll(identity, 'SIGSTOP');
      await untilAll(processTree(identity), 'paused', SIGNAL_TIMEOUT_MS);
    },
    async resume() {
      const identity = alive('resumed');
      const processes = signalAll(identity, 'SIGCONT');
      await untilAll(processes, 'running', SIGNAL_TIMEOUT_MS);
    },
    log: (lines, after) => lastLines(logFileOf(folder, name), lines, after),
    logSize: () => sizeOf(logFileOf(folder, name)),
  };
}
