import { join } from 'node:path';
import type { StartedState } from '../new-state.ts';
import type { StackSpec } from '../spec.ts';
import type { AppProcess, Component, Link } from '../stack.ts';
import { readState, writeState } from '../state.ts';

/**
 * What is published on 127.0.0.1, under the same number inside and outside where the shared network namespace is: each component's own
 * port (of `dns` and `http-proxy` the control port) and each link's.
 */
export type DockerPort = Component | Link;
export type DockerPorts = Readonly<Record<DockerPort, number>>;

/** Which version of Langfuse's images. */
export type DockerSpec = Extract<StackSpec, { kind: 'docker' }>;

/** What is known of a stack of containers. */
export interface DockerState extends StartedState {
  readonly spec: DockerSpec;
  /** The version that web and worker can be replaced by. */
  readonly other?: DockerSpec;
  /** Which of web and worker run the other version. */
  readonly replaced: readonly AppProcess[];
  readonly ports: DockerPorts;
  /** Address of the engine that the stack was started on, as `DOCKER_HOST` says it; whoever takes hold of it later needs that one. */
  readonly dockerHost: string;
}

/** Reads a stack's state. @throws ChaosError `E_STACK_STATE` */
export const readDockerState = (folder: string) => readState(folder) as DockerState;

/** Writes a stack's state in one step. */
export const writeDockerState = (folder: string, state: DockerState) => writeState(folder, state);

/** The compose project of a stack, by which its containers, networks and volumes are labelled. */
export const projectOf = (id: string) => `langfuse-chaos-${id}`;

/** The file that adds to docker-compose.yml what is particular to one stack. */
export const overrideFileOf = (folder: string) => join(folder, 'compose.override.json');
