import { waitUntil } from '../../base/wait-until.ts';
import { type Engine, engineAt, hasStatus, ofStack } from './engine.ts';
import type { DockerState } from './state.ts';

const REMOVE_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 100;

/**
 * Removes the containers, volumes and networks of a stack, by its label. Several processes may do it at the same time, and
 * testcontainers' reaper too. It is done at the engine that the stack was started on: where that is away containers may live on, as with live-restore or
 * on another machine, and only the stack's folder knows of them.
 *
 * @throws ChaosError `E_DOCKER_ENGINE` when that engine does not answer, `E_TIMEOUT` when it does not remove them
 */
export async function endContainers({ id, dockerHost }: DockerState): Promise<void> {
  const engine = await engineAt(dockerHost);
  await waitUntil(`the containers of stack ${id} to be removed`, () => removeAll(engine, id), {
    timeoutMs: REMOVE_TIMEOUT_MS,
    intervalMs: LOOK_INTERVAL_MS,
    remedy: `see \`docker ps -a --filter ${ofStack(id).label[0]}\`, then run \`langfuse-chaos down\`.`,
  });
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
