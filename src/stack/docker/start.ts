import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import { choosePort } from '../embedded/ports.ts';
import { portsOfOthers, randomSecrets } from '../embedded/start.ts';
import { urlOf } from '../embedded/urls.ts';
import { dataFolderOf, FOLDER_MODE, stacksFolder } from '../folder.ts';
import { identify } from '../processes.ts';
import { removeStack } from '../remove.ts';
import type { StackSpec } from '../spec.ts';
import { APP_PROCESSES, COMPONENTS, type Component, LINKS, type Stack, type StackOptions } from '../stack.ts';
import { createState } from '../state.ts';
import { attachDockerStack } from './attach.ts';
import { noteVersion, untilAnswers } from './bring-up.ts';
import { composeUp, pullMissing, requireCompose } from './compose.ts';
import { addressOf, connectEngine, type Engine } from './engine.ts';
import { composeOverride, requireOtherImages } from './environment.ts';
import { untilEventLands } from './landing.ts';
import { populateDockerLinks } from './links.ts';
import {
  type DockerPort,
  type DockerPorts,
  type DockerSpec,
  type DockerState,
  overrideFileOf,
  readDockerState,
} from './state.ts';

const INFRASTRUCTURE = COMPONENTS.filter((name) => !APP_PROCESSES.some((process) => process === name));
/** Another process may take a port between choosing and listening: the stack is then started again with other ports. */
const START_TRIES = 4;

/**
 * Starts a whole stack of containers by docker-compose.yml and resolves when every component answers.
 *
 * @throws ChaosError `E_DOCKER_ENGINE`, `E_DOCKER_COMPOSE`, `E_DOCKER_IMAGE`, `E_DOCKER_UP`, `E_STACK_START`, `E_PORT_TAKEN`, `E_LINKS`,
 *   `E_PORTS`, `E_STACK_FOLDER`; the reason of `options.signal` when that aborts. In each case nothing of the stack is left.
 */
export async function startDockerStack(options: StackOptions): Promise<Stack> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const client = await connectEngine();
  const versions = {
    'docker engine': String(client.info.containerRuntime.serverVersion),
    'docker compose': await requireCompose(signal),
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(client.container.dockerode, versions, options);
    } catch (error) {
      const again = error instanceof ChaosError && error.code === 'E_PORT_TAKEN' && tries < START_TRIES;
      if (!again) throw error;
      onProgress?.('a port was taken meanwhile; starting again with others');
    }
  }
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
  const id = randomBytes(5).toString('hex');
  const folder = join(stacksFolder(), id);
  const spec = requireDocker(options.spec ?? { kind: 'docker' });
  const other = options.other && requireDocker(options.other);
  const owner = identify(process.pid);
  if (!owner) throw new Error('this process does not find itself');
  const state: DockerState = {
    version: 2,
    id,
    owner,
    detached: false,
    byHand: options.byHand ?? false,
    redisAppendOnly: options.redisAppendOnly ?? true,
    settings: options.settings ?? {},
    spec,
    ...(other ? { other } : {}),
    replaced: [],
    secrets: randomSecrets(),
    ports: await choosePorts(),
    versions,
    dockerHost: addressOf(engine),
  };
  requireOtherImages(state, process.env);
  createState(folder, state);
  return folder;
}

function requireDocker(spec: StackSpec): DockerSpec {
  if (spec.kind === 'docker') return spec;
  throw new Error(`a stack of kind ${spec.kind} has no containers`);
}

async function choosePorts(): Promise<DockerPorts> {
  const taken = await portsOfOthers();
  const names: DockerPort[] = [...COMPONENTS, ...LINKS];
  const ports: Partial<Record<DockerPort, number>> = {};
  for (const name of names) ports[name] = await choosePort(taken);
  return ports as DockerPorts;
}
