import type { AppProcess, AppVersion } from '../stack.ts';
import { noteVersion, untilAnswers } from './bring-up.ts';
import { recreate } from './compose.ts';
import { dockerComponent } from './control.ts';
import { engineOf } from './engine.ts';
import { keepLogOf } from './logs.ts';
import { type DockerSpec, readDockerState, writeDockerState } from './state.ts';

/**
 * Replaces web or worker by a container of the other version's image, or of its own again; see `Stack.replace`. The image's own start
 * applies the migrations. The log of the container that goes is kept beside that of the new one.
 */
export async function replaceContainer(
  folder: string,
  process: AppProcess,
  by: AppVersion,
  signal?: AbortSignal,
): Promise<DockerSpec> {
  const { id, spec, other, dockerHost } = readDockerState(folder);
  if (!other) throw new Error('this stack has no other version');
  const engine = await engineOf(dockerHost);
  await dockerComponent(folder, process).stop();
  signal?.throwIfAborted();
  await keepLogOf(engine, id, folder, process);
  const before = readDockerState(folder);
  const others = before.replaced.filter((each) => each !== process);
  const state = { ...before, replaced: by === 'other' ? [...others, process] : others };
  writeDockerState(folder, state);
  await recreate(folder, state, process, { start: true, ...(signal ? { signal } : {}) });
  const version = await untilAnswers(engine, state, process, signal);
  await noteVersion(engine, folder, process, version);
  return by === 'other' ? other : spec;
}
