import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { urlOf } from '../embedded/urls.ts';
import { dataFolderOf } from '../folder.ts';
import type { Component, ComponentControl } from '../stack.ts';
import { placeOf, untilAnswers } from './bring-up.ts';
import { containerOf, engineOf, hasStatus } from './engine.ts';
import { populateDockerLinks } from './links.ts';
import { linesOf, logOf } from './logs.ts';
import { askComponent } from './probes.ts';
import { readDockerState } from './state.ts';

const LOOK_INTERVAL_MS = 20;
const SIGNAL_TIMEOUT_MS = 10_000;
const GRACE_MS = 10_000;

/**
 * Hold of one component of the stack in a folder: its container, by the engine's API. A pause freezes all processes of the container
 * (the kernel's freezer), which looks from outside as SIGSTOP does.
 */
export function dockerComponent(folder: string, name: Component): ComponentControl {
  const open = async () => {
    const state = readDockerState(folder);
    const engine = await engineOf(state.dockerHost);
    return { state, engine, container: await containerOf(engine, state.id, name) };
  };
  const look = async () => {
    const { container } = await open();
    const { State, Config } = await container.inspect();
    const now = State.Paused ? 'paused' : State.Running ? 'running' : 'exited';
    return {
      container,
      now,
      startedAt: Date.parse(State.StartedAt),
      stopSignal: stopSignalOf(Config),
    } as const;
  };
  const until = (wanted: 'paused' | 'running' | 'exited', timeoutMs: number) =>
    waitUntil(
      `the container ${name} to be ${wanted}`,
      async () => [wanted, 'exited'].includes((await look()).now),
      { timeoutMs, intervalMs: LOOK_INTERVAL_MS },
    );
  const kill = async () => {
    const { container, now } = await look();
    if (now === 'exited') return;
    // The engine answers 409 when it has ended meanwhile.
    await unless(container.kill({ signal: 'SIGKILL' }), 409);
    await until('exited', SIGNAL_TIMEOUT_MS);
  };
  /** @returns whether it was started now */
  const launch = async (): Promise<boolean> => {
    const { container, now } = await look();
    if (now === 'running') return false;
    if (now === 'paused') {
      throw new ChaosError({
        code: 'E_COMPONENT_PAUSED',
        happened: `The component ${name} cannot be started: it is paused.`,
        remedy: 'resume it.',
      });
    }
    // What its predecessor said of its clock; the next one starts with a clock of its own.
    rmSync(join(dataFolderOf(folder, name), 'clock-applied.json'), { force: true });
    await unless(container.start(), 304);
    return true;
  };
  /** Freezes or thaws it; what is so already is left. */
  const hold = async (wanted: 'paused' | 'running', change: 'pause' | 'unpause') => {
    const container = await alive(wanted === 'paused' ? 'paused' : 'resumed', wanted);
    await (container && unless(container[change](), 409));
    await until(wanted, SIGNAL_TIMEOUT_MS);
  };
  const alive = async (told: string, wanted: 'paused' | 'running') => {
    const { container, now } = await look();
    if (now === wanted) return undefined;
    if (now !== 'exited') return container;
    throw new ChaosError({
      code: 'E_COMPONENT_GONE',
      happened: `The component ${name} cannot be ${told}: it does not run.`,
      remedy: 'start it first.',
    });
  };
  const log = async () => logOf((await open()).container);

  return {
    name,
    state: async () => (await look()).now,
    startedAt: async () => (await look()).startedAt,
    async start() {
      if (!(await launch())) return;
      const { engine, state } = await open();
      await untilAnswers(engine, state, name);
      if (name === 'toxiproxy') await populateDockerLinks(urlOf(state.ports.toxiproxy), state.ports);
    },
    async launch() {
      await launch();
    },
    async answers() {
      if ((await look()).now !== 'running') return false;
      return askComponent(name, placeOf(readDockerState(folder))).then(
        () => true,
        () => false,
      );
    },
    async stop(graceMs = GRACE_MS) {
      const { container, now, stopSignal } = await look();
      if (now === 'exited') return;
      await unless(container.kill({ signal: stopSignal }), 409);
      // A paused process gets the signal when it goes on.
      if (now === 'paused') await unless(container.unpause(), 409);
      await until('exited', graceMs).catch(kill);
    },
    kill,
    pause: () => hold('paused', 'pause'),
    resume: () => hold('running', 'unpause'),
    log: async (lines, after) => linesOf(await log(), lines, after),
    logSize: async () => (await log()).length,
  };
}

/** An image may name the signal on which it ends in good order; Postgres' does. */
const stopSignalOf = (config: object) => (config as { StopSignal?: string }).StopSignal || 'SIGTERM';

/** Passes over an error with this status of the engine's. */
async function unless(work: Promise<unknown>, status: number): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!hasStatus(error, status)) throw error;
  }
}
