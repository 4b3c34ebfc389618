import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { urlOf } from '../embedded/urls.ts';
import { dataFolderOf, FOLDER_MODE, stacksFolder } from '../folder.ts';
import { choosePorts, startOnFreePorts } from '../new-ports.ts';
import { newStartedState } from '../new-state.ts';
import { removeStack } from '../remove.ts';
import type { StackSpec } from '../spec.ts';
import { APP_PROCESSES, COMPONENTS, type Component, LINKS, type Stack, type StackOptions } from '../stack.ts';
import { createState } from '../state.ts';
import { attachDockerStack } from './attach.ts';
import { noteVersion, untilAnswers } from './bring-up.ts';
import { composeUp, pullMissing } from './compose.ts';
import { addressOf, type Engine } from './engine.ts';
import { composeOverride, requireOtherImages } from './environment.ts';
import { untilEventLands } from './landing.ts';
import { populateDockerLinks } from './links.ts';
import { requireDocker } from './require-docker.ts';
import {
  type DockerPort,
  type DockerSpec,
  type DockerState,
  overrideFileOf,
  readDockerState,
} from './state.ts';

const INFRASTRUCTURE = COMPONENTS.filter((name) => !APP_PROCESSES.some((process) => process === name));
/**
 * Starts a whole stack of containers by docker-compose.yml and resolves when every component answers.
 *
 * @throws ChaosError `E_DOCKER_ENGINE`, `E_DOCKER_COMPOSE`, `E_DOCKER_IMAGE`, `E_DOCKER_UP`, `E_STACK_START`, `E_PORT_TAKEN`, `E_LINKS`,
 *   `E_PORTS`, `E_STACK_FOLDER`; the reason of `options.signal` when that aborts. In each case nothing of the stack is left.
 */
export async function startDockerStack(options: StackOptions): Promise<Stack> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const { client, compose } = await requireDocker(signal);
  const versions = {
    'docker engine': String(client.info.containerRuntime.serverVersion),
    'docker compose': compose,
  };
  return startOnFreePorts(() => startOnce(client.container.dockerode, versions, options), onProgress);
}

async function startOnce(
  engine: Engine,
  versions: Readonly<Record<string, string>>,
  { signal: interrupted, onProgress, ...options }: StackOptions,
): Promise<Stack> {
  const folder = await createStack(engine, versions, options);
  // When one component fails, the others need not be waited for.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(interrupted ? [interrupted] : [])]);
  const start = async (names: readonly Component[], more: readonly string[] = []) => {
    await composeUp(folder, readDockerState(folder), [...more, ...names]);
    await Promise.all(
      names.map(async (name) => {
        try {
          const version = await untilAnswers(engine, readDockerState(folder), name, signal);
          await noteVersion(engine, folder, name, version);
          onProgress?.(`${name} is up${version ? ` (${version})` : ''}`);
        } catch (error) {
          failed.abort(error);
        }
      }),
    );
    signal.throwIfAborted();
  };
  try {
    const state = readDockerState(folder);
    for (const process of APP_PROCESSES) {
      const notes = dataFolderOf(folder, process);
      await mkdir(notes, { mode: FOLDER_MODE });
      // The image's own user writes there; nobody else of this machine gets past the stacks' folder unless root owns it.
      await chmod(notes, 0o777);
    }
    await writeFile(overrideFileOf(folder), JSON.stringify(composeOverride(folder, state), undefined, 2), {
      mode: 0o600,
    });
    onProgress?.('looking for the images; those that are not here are pulled, which may take minutes');
    await pullMissing(folder, state, signal);
    await start(INFRASTRUCTURE, ['network']);
    await populateDockerLinks(urlOf(state.ports.toxiproxy), state.ports);
    onProgress?.('starting Langfuse, which applies its migrations first');
    await start(APP_PROCESSES);
    const stack = await attachDockerStack(folder);
    if (options.byHand) {
      await untilEventLands(engine, stack, signal);
      onProgress?.('an event landed');
    }
    return stack;
  } catch (error) {
    await removeStack(folder);
    // Ctrl-C in a terminal reaches compose as well, which then fails.
    throw interrupted?.aborted ? interrupted.reason : error;
  }
}

/** Makes the stack's folder and chooses all that is random. */
async function createStack(
  engine: Engine,
  versions: Readonly<Record<string, string>>,
  options: Pick<StackOptions, 'settings' | 'spec' | 'other' | 'redisAppendOnly' | 'byHand'>,
): Promise<string> {
  const other = options.other && dockerSpec(options.other);
  const state: DockerState = {
    ...newStartedState(dockerSpec(options.spec ?? { kind: 'docker' }), options),
    ...(other ? { other } : {}),
    replaced: [],
    ports: await choosePorts<DockerPort>([...COMPONENTS, ...LINKS]),
    versions,
    dockerHost: addressOf(engine),
  };
  requireOtherImages(state, process.env);
  const folder = join(stacksFolder(), state.id);
  createState(folder, state);
  return folder;
}

function dockerSpec(spec: StackSpec): DockerSpec {
  if (spec.kind === 'docker') return spec;
  throw new Error(`a stack of kind ${spec.kind} has no containers`);
}
