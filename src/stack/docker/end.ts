import { ChaosError } from '../../base/errors.ts';
import { waitUntil } from '../../base/wait-until.ts';
import { type Engine, engineOf, hasStatus, ofStack } from './engine.ts';
import type { DockerState } from './state.ts';

const REMOVE_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 100;

/**
 * Removes the containers, volumes and networks of a stack, by its label. Several processes may do it at the same time, and
 * testcontainers' reaper too. Where no engine answers nothing is done: its containers have ended with it, and none is started again by
 * itself; a stack that can't be ended would keep every other from being started.
 *
 * @throws ChaosError `E_TIMEOUT` when the engine does not remove them
 */
export async function endContainers({ id, dockerHost }: DockerState): Promise<void> {
  const engine = await engineIfThere(dockerHost);
  if (!engine) return;
  await waitUntil(`the containers of stack ${id} to be removed`, () => removeAll(engine, id), {
    timeoutMs: REMOVE_TIMEOUT_MS,
    intervalMs: LOOK_INTERVAL_MS,
    remedy: `see \`docker ps -a --filter ${ofStack(id).label[0]}\`, then run \`langfuse-chaos down\`.`,
  });
}

async function engineIfThere(dockerHost: string | undefined): Promise<Engine | undefined> {
  try {
    return await engineOf(dockerHost);
  } catch (error) {
    if (error instanceof ChaosError && error.code === 'E_DOCKER_ENGINE') return undefined;
    throw error;
  }
}

/** @returns whether nothing was left before */
async function removeAll(engine: Engine, id: string): Promise<boolean> {
  const filters = ofStack(id);
  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) => quietly(engine.getContainer(Id).remove({ force: true, v: true }))),
  );
  if (containers.length > 0) return false;
  const { Volumes } = await engine.listVolumes({ filters });
  const networks = await engine.listNetworks({ filters });
  await Promise.all([
    ...Volumes.map(({ Name }) => quietly(engine.getVolume(Name).remove())),
    ...networks.map(({ Id }) => quietly(engine.getNetwork(Id).remove())),
  ]);
  return Volumes.length + networks.length === 0;
}

/** Somebody else may be faster, or be at it: the next look tells. */
async function quietly(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!hasStatus(error, 403, 404, 409)) throw error;
  }
}
