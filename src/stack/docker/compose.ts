import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DockerComposeEnvironment, type WaitStrategy } from 'testcontainers';
import { ChaosError, messageOf } from '../../base/errors.ts';
import { logExcerpt } from '../../base/log-excerpt.ts';
import { secretTexts } from '../secrets.ts';
import { APP_PROCESSES } from '../stack.ts';
import { composeVariables } from './environment.ts';
import { type DockerState, overrideFileOf, projectOf } from './state.ts';

const run = promisify(execFile);

/** The checkout, which holds docker-compose.yml. */
export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const FILE = 'docker-compose.yml';
/** `pull --policy` came with 2.22, and inside variables are read as here since long before. */
const OLDEST_COMPOSE = '2.22';
const VERSION_TIMEOUT_MS = 30_000;

/**
 * Looks for Docker's compose plugin.
 *
 * @returns its version
 * @throws ChaosError `E_DOCKER_COMPOSE` when it is not there
 */
export async function requireCompose(signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await run('docker', ['compose', 'version', '--short'], {
      timeout: VERSION_TIMEOUT_MS,
      ...(signal ? { signal } : {}),
    });
    return stdout.trim();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ChaosError({
      code: 'E_DOCKER_COMPOSE',
      happened: 'The command `docker compose` does not work here.',
      expected: `the command docker with its compose plugin, ${OLDEST_COMPOSE} or newer`,
      log: logExcerpt(stderrOf(error), []),
      remedy:
        'install it (docker-compose-plugin of Docker’s own repository; docs/docker.md names those of distributions); `docker compose version` must work.',
      cause: error,
    });
  }
}

/** A command of compose for one stack. */
async function compose(
  folder: string,
  state: DockerState,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const files = [FILE, overrideFileOf(folder)].flatMap((file) => ['-f', file]);
  await run('docker', ['compose', ...files, ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...composeVariables(state, process.env),
      COMPOSE_PROJECT_NAME: projectOf(state.id),
    },
    ...(signal ? { signal } : {}),
  });
}

/**
 * Fetches those images that the engine has not, those of the other version too.
 *
 * @throws ChaosError `E_DOCKER_IMAGE` when one can't be had
 */
export async function pullMissing(folder: string, state: DockerState, signal?: AbortSignal): Promise<void> {
  const versions = state.other ? [state, { ...state, replaced: APP_PROCESSES }] : [state];
  try {
    for (const each of versions)
      await compose(folder, each, ['pull', '--policy', 'missing', '--quiet'], signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ChaosError({
      code: 'E_DOCKER_IMAGE',
      happened: 'An image is not there and could not be pulled.',
      expected: 'every image in the engine, or a registry that has it and can be reached',
      log: logExcerpt(stderrOf(error), secretTexts(state)),
      remedy:
        'see which in the lines above: a version of Langfuse that does not exist, no network, or a registry that wants `docker login`; ' +
        'each image can be named by a LANGFUSE_CHAOS_IMAGE_… variable (docs/docker.md).',
      cause: error,
    });
  }
}

/**
 * Makes the container of one service anew, with the image that the state says; the others are left alone.
 *
 * @param options.start whether it is started
 * @throws ChaosError `E_DOCKER_UP` when the engine refuses
 */
export async function recreate(
  folder: string,
  state: DockerState,
  service: string,
  { start, signal }: { readonly start: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  const how = start ? '--detach' : '--no-start';
  try {
    await compose(folder, state, ['up', how, '--no-deps', '--force-recreate', service], signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ChaosError({
      code: 'E_DOCKER_UP',
      happened: `Docker did not make the container ${service} anew.`,
      log: logExcerpt(stderrOf(error), secretTexts(state)),
      remedy: 'see the lines above.',
      cause: error,
    });
  }
}

/**
 * Creates and starts containers through testcontainers, whose reaper removes them when this process dies. What depends on what
 * is left to the caller, who waits for each; so their logs are still there when one fails.
 *
 * @throws ChaosError `E_PORT_TAKEN` when another process holds a port, `E_DOCKER_UP` when the engine refuses otherwise; nothing is left then
 */
export async function composeUp(
  folder: string,
  state: DockerState,
  services: readonly string[],
): Promise<void> {
  try {
    await new DockerComposeEnvironment(ROOT, [FILE, overrideFileOf(folder)])
      .withProjectName(projectOf(state.id))
      .withEnvironment(composeVariables(state, process.env))
      // A stack for a person outlives this process when it is detached.
      .withAutoCleanup(!state.byHand)
      .withDefaultWaitStrategy(NO_WAIT)
      .withClientOptions({ commandOptions: ['--no-deps'] })
      .up([...services]);
  } catch (error) {
    const text = messageOf(error);
    const taken = /port is already allocated|address already in use/.test(text);
    throw new ChaosError({
      code: taken ? 'E_PORT_TAKEN' : 'E_DOCKER_UP',
      happened: taken
        ? 'A container was not started: another process holds one of its ports.'
        : 'Docker did not start the containers.',
      log: logExcerpt(text, secretTexts(state)),
      remedy: taken
        ? 'see who holds it (`ss -lntup`), and run again.'
        : 'see the lines above; `docker compose up` in the checkout should say the same.',
      cause: error,
    });
  }
}

/** The harness asks each server itself, with the stack's password. */
const NO_WAIT: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => NO_WAIT,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};

const stderrOf = (error: unknown) => (error as { stderr?: string }).stderr || messageOf(error);
