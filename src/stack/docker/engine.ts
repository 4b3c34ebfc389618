import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { type ContainerRuntimeClient, getContainerRuntimeClient } from 'testcontainers';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { Component } from '../stack.ts';
import { projectOf } from './state.ts';

/** The engine's own API. */
export type Engine = Docker;
/** A handle of one container. */
export type Container = ReturnType<Engine['getContainer']>;

const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';

/** Milliseconds in which an engine must say that it is there. */
const PING_TIMEOUT_MS = 10_000;

/**
 * Docker, where testcontainers finds it: `DOCKER_HOST`, its own properties file, or one of the usual sockets. Where `DOCKER_HOST` names an
 * engine that is away no other is taken, as testcontainers would: nobody means that one.
 *
 * @throws ChaosError `E_DOCKER_ENGINE` when no engine answers
 */
export async function connectEngine(): Promise<ContainerRuntimeClient> {
  const { DOCKER_HOST } = process.env;
  let why = '';
  try {
    if (DOCKER_HOST) {
      await answering(DOCKER_HOST).catch((error) => {
        why = `: ${messageOf(error)}`;
        throw error;
      });
    }
    return await getContainerRuntimeClient();
  } catch (error) {
    // Of several places that it has looked in, testcontainers says in words of its own only that none was right.
    throw new ChaosError({
      code: 'E_DOCKER_ENGINE',
      happened: `No Docker engine answers${why}.`,
      expected: `an engine at ${DOCKER_HOST || 'DOCKER_HOST or /var/run/docker.sock'} that this user may use`,
      remedy:
        'start Docker (`docker info` must work), or use the embedded stack, which needs none: leave out --stack docker.',
      cause: error,
    });
  }
}

/** Those that have answered: a component's state is asked several times a second. */
const reached = new Map<string, Engine>();

/**
 * The API of the engine that a stack was started on, for a process that works with that stack: compose, which it starts, is led there too.
 *
 * @param dockerHost of the stack's state
 * @throws ChaosError `E_DOCKER_ENGINE`
 */
export async function engineOf(dockerHost: string): Promise<Engine> {
  process.env.DOCKER_HOST = dockerHost;
  const engine = reached.get(dockerHost) ?? (await engineAt(dockerHost));
  reached.set(dockerHost, engine);
  return engine;
}

/**
 * The API of the engine at an address and at no other: testcontainers would take the next one that answers, which knows nothing of the stack.
 *
 * @param dockerHost `unix://…` or `tcp://…`; for TLS with the certificates that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say
 * @throws ChaosError `E_DOCKER_ENGINE` when it does not answer
 */
export async function engineAt(dockerHost: string): Promise<Engine> {
  try {
    return await answering(dockerHost);
  } catch (error) {
    throw new ChaosError({
      code: 'E_DOCKER_ENGINE',
      happened: `The Docker engine that the stack was started on does not answer: ${messageOf(error)}.`,
      expected: `an engine at ${dockerHost} that this user may use`,
      remedy:
        'start that engine again, since containers may live on without it: `langfuse-chaos down` then ends the stack, whose folder is kept until then. If it is gone for good, `langfuse-chaos down --forget STACK` removes the folder alone.',
      cause: error,
    });
  }
}

/** @throws what kept the engine there from answering */
async function answering(dockerHost: string): Promise<Engine> {
  const options = optionsOf(dockerHost);
  await new Docker({ ...options, timeout: PING_TIMEOUT_MS }).ping();
  return new Docker(options);
}

/** All that dockerode would else take from `DOCKER_HOST` is in it. */
function optionsOf(dockerHost: string): Docker.DockerOptions {
  const { protocol, hostname, port } = new URL(dockerHost);
  if (hostname === '') {
    const socketPath = dockerHost.slice(`${protocol}//`.length);
    return { socketPath, host: undefined, port: undefined, protocol: 'http' };
  }
  const { DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = process.env;
  const isTls = DOCKER_TLS_VERIFY === '1' || port === '2376' || protocol === 'https:';
  if (!isTls) return { host: hostname, port, protocol: 'http' };
  if (!DOCKER_CERT_PATH) return { host: hostname, port, protocol: 'https' };
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) =>
    readFileSync(join(DOCKER_CERT_PATH, `${name}.pem`), 'utf8'),
  );
  return { host: hostname, port, protocol: 'https', ca, cert, key };
}

/** Where an engine is, as `DOCKER_HOST` says it. */
export function addressOf({ modem }: Engine): string {
  const { host, port, socketPath } = modem as { host?: string; port?: string; socketPath?: string };
  return host ? `tcp://${host}${port ? `:${port}` : ''}` : `unix://${socketPath}`;
}

/** The filter for what belongs to a stack. */
export const ofStack = (id: string) => ({ label: [`${PROJECT_LABEL}=${projectOf(id)}`] });

/**
 * The container of a component.
 *
 * @throws ChaosError `E_COMPONENT_GONE` when there is none, as after `down`
 */
export async function containerOf(engine: Engine, id: string, name: Component): Promise<Container> {
  const label = [...ofStack(id).label, `${SERVICE_LABEL}=${name}`];
  const [found] = await engine.listContainers({ all: true, filters: { label } });
  if (found) return engine.getContainer(found.Id);
  throw new ChaosError({
    code: 'E_COMPONENT_GONE',
    happened: `The container ${name} of the stack ${id} is not there.`,
    remedy: 'it was removed meanwhile; start a stack anew.',
  });
}

/** Whether an error of the engine's API has one of these HTTP statuses: 304 nothing to do, 404 not there, 409 in the wrong state. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return statuses.includes((error as { statusCode?: number }).statusCode ?? 0);
}
