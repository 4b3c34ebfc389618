import type { Capability } from './capabilities.ts';
import { lackOfDocker } from './docker/lacks.ts';
import type { DockerState } from './docker/state.ts';
import { attachEmbeddedStack } from './embedded/attach.ts';
import { endProcesses } from './embedded/end.ts';
import { startEmbeddedStack } from './embedded/start.ts';
import type { StackState } from './embedded/state.ts';
import { lackOfExternal } from './external/lacks.ts';
import { readExternalFile } from './external/read-file.ts';
import type { ExternalState } from './external/state.ts';
import { lackOfSource } from './source/lacks.ts';
import { openCheckout } from './source/open.ts';
import type { StackSpec } from './spec.ts';
import type { Stack, StackOptions } from './stack.ts';
import { type BaseState, readState } from './state.ts';

/*
 * The kinds of stacks, in one place: how each is started, taken hold of, ended, and what can't be done to it. `docker` and `external`
 * are loaded only when they are asked for: their libraries are large.
 */

/**
 * Starts a stack of the kind that is asked for and resolves when every component answers.
 *
 * @throws ChaosError as the kind's own start does; in each case nothing of the stack is left
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  switch (options.spec?.kind) {
    case 'docker':
      return (await import('./docker/start.ts')).startDockerStack(options);
    case 'external':
      return (await import('./external/start.ts')).startExternalStack(options);
    default:
      return startEmbeddedStack(options);
  }
}

/**
 * Looks whether what a stack needs is there, without starting or changing anything: for those who would otherwise find out late.
 *
 * @throws ChaosError as {@link startStack} would
 */
export async function requireStartable(spec: StackSpec): Promise<void> {
  if (spec.kind === 'docker') await (await import('./docker/require-docker.ts')).requireDocker();
  if (spec.kind === 'source') openCheckout(spec.directory);
  if (spec.kind === 'external')
    await (await import('./external/check.ts')).checkTarget(readExternalFile(spec.file), process.env);
}

/**
 * Takes hold of a stack that was started by this or another process.
 *
 * @throws ChaosError `E_STACK_STATE` when there is none
 */
export async function attachStack(folder: string): Promise<Stack> {
  const state = readState(folder);
  switch (state.spec.kind) {
    case 'docker':
      return (await import('./docker/attach.ts')).attachDockerStack(folder);
    case 'external':
      await (await import('./external/changes.ts')).seeChangesThrough(folder, state as ExternalState);
      return (await import('./external/attach.ts')).attachExternalStack(folder);
    default:
      return attachEmbeddedStack(folder);
  }
}

/**
 * Ends what runs of a stack; its folder stays.
 *
 * @param state undefined when it was removed in part
 */
export async function endStack(folder: string, state: BaseState | undefined): Promise<void> {
  switch (state?.spec.kind) {
    case 'docker':
      await (await import('./docker/end.ts')).endContainers(state as DockerState);
      break;
    case 'external':
      await (await import('./external/end.ts')).restoreTarget(folder, state as ExternalState);
      break;
    default:
      await endProcesses(folder, state as StackState | undefined);
  }
}

/**
 * Why a stack of this kind has not a capability at this place; undefined where it has it. Asked before anything is started.
 *
 * @param on a link such as `worker→clickhouse`, or a component such as `worker`
 * @param fault name of the fault that needs it
 */
export function lackOf(
  spec: StackSpec,
  capability: Capability,
  on: string,
  fault: string,
): string | undefined {
  switch (spec.kind) {
    case 'docker':
      return lackOfDocker(capability, fault);
    case 'external':
      return lackOfExternal(spec, capability, on, fault);
    case 'source':
      return lackOfSource(spec, capability, on);
    default:
      return undefined;
  }
}
