import { type ContainerRuntimeClient, getContainerRuntimeClient } from 'testcontainers';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { Component } from '../stack.ts';
import { projectOf } from './state.ts';

/** The engine's own API. */
export type Engine = ContainerRuntimeClient['container']['dockerode'];
/** A handle of one container. */
export type Container = ReturnType<Engine['getContainer']>;

const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';

/**
 * Docker, where testcontainers finds it: `DOCKER_HOST`, its own properties file, or one of the usual sockets.
 *
 * @param dockerHost where a stack was started; used unless `DOCKER_HOST` says otherwise
 * @throws ChaosError `E_DOCKER_ENGINE` when no engine answers
 */
export async function connectEngine(dockerHost?: string): Promise<ContainerRuntimeClient> {
  if (dockerHost !== undefined) process.env.DOCKER_HOST ??= dockerHost;
  try {
    return await getContainerRuntimeClient();
  } catch (error) {
    throw new ChaosError({
      code: 'E_DOCKER_ENGINE',
      happened: `No Docker engine answers: ${messageOf(error)}.`,
      expected: `an engine at ${process.env.DOCKER_HOST ?? 'DOCKER_HOST or /var/run/docker.sock'} that this user may use`,
      remedy:
        'start Docker (`docker info` must work), or use the embedded stack, which needs none: leave out --stack docker.',
      cause: error,
    });
  }
}

/** The engine's own API. @throws ChaosError `E_DOCKER_ENGINE` */
export async function engineOf(dockerHost?: string): Promise<Engine> {
  return (await connectEngine(dockerHost)).container.dockerode;
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
