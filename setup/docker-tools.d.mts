/** What the tests of the docker stack need where no Docker is. */
export type DockerTool = 'dockerd' | 'docker' | 'compose' | 'debootstrap' | 'gcc' | 'muslGcc';

/**
 * Installs those that are missing as set-up does (docs/setup.md), and says where they lie.
 *
 * @throws SetupError `E_SETUP_PROGRAMS`
 */
export function setUpDockerTools<Name extends DockerTool>(
  names: readonly Name[],
  env?: NodeJS.ProcessEnv,
): Promise<Record<Name, string>>;
