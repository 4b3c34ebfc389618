import { ChaosError, messageOf } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { HOST } from '../embedded/ports.ts';
import { secretTexts } from '../secrets.ts';
import type { Component } from '../stack.ts';
import { containerOf, type Engine } from './engine.ts';
import { logForError } from './logs.ts';
import { askComponent, type ProbePlace } from './probes.ts';
import { type DockerState, readDockerState, writeDockerState } from './state.ts';

const LOOK_INTERVAL_MS = 100;
/** Langfuse's web applies some hundred migrations at its first start; on a small machine that takes minutes. */
const START_TIMEOUT_MS = 300_000;

/** Where this process finds the components of a stack. */
export const placeOf = ({ ports, secrets }: Pick<DockerState, 'ports' | 'secrets'>): ProbePlace => ({
  addressOf: (name) => ({ host: HOST, port: ports[name] }),
  secrets,
});

/**
 * Waits until the component of a container that was started answers.
 *
 * @returns its version, where it tells one
 * @throws ChaosError `E_STACK_START`, with its last log lines, when it ends instead or does not answer in time
 */
export async function untilAnswers(
  engine: Engine,
  state: DockerState,
  name: Component,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const ended = new AbortController();
  const container = await containerOf(engine, state.id, name);
  const look = async () => {
    const { State } = await container.inspect();
    if (!State.Running) {
      ended.abort();
      return undefined;
    }
    return { version: await askComponent(name, placeOf(state)) };
  };
  try {
    const { version } = await waitUntil(`the container ${name} to answer`, look, {
      timeoutMs: START_TIMEOUT_MS,
      intervalMs: LOOK_INTERVAL_MS,
      signal: AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]),
    });
    return version;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ChaosError({
      code: 'E_STACK_START',
      happened: ended.signal.aborted ? `The container ${name} ended while it was started.` : messageOf(error),
      log: await logForError(engine, { id: state.id, secrets: secretTexts(state) }, name),
      remedy:
        'see its log above; docs/docker.md says what each container needs. An image that was named by a variable has to fit it.',
      ...(ended.signal.aborted ? {} : { cause: error }),
    });
  }
}

/** Writes down the version and the image of a component. */
export async function noteVersion(
  engine: Engine,
  folder: string,
  name: Component,
  version: string | undefined,
): Promise<void> {
  const { Config } = await (await containerOf(engine, readDockerState(folder).id, name)).inspect();
  // Read and written at once, so that two of these never lose each other.
  const state = readDockerState(folder);
  const versions = {
    ...state.versions,
    ...(version ? { [name]: version } : {}),
    [`${name} image`]: Config.Image,
  };
  writeDockerState(folder, { ...state, versions });
}
