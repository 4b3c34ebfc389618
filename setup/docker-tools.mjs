import { resolvePrograms } from './programs.mjs';
import { createProgress } from './progress.mjs';
import { setUpPrograms } from './set-up.mjs';

const COMPOSE = '5.0.2';

/** What the tests of the docker stack need where no Docker is, in the form of catalogue.mjs. Debian's docker.io holds both docker and dockerd. */
const ENGINE = {
  dockerd: {
    title: 'the Docker engine',
    commands: ['dockerd'],
    version: /version (\d+\.\d+\.\d+)/,
    atLeast: '20.10.0',
    apt: { package: 'docker.io', file: '/usr/sbin/dockerd' },
  },
};
const CLIENT = {
  docker: {
    title: 'the command docker',
    commands: ['docker'],
    version: /version (\d+\.\d+\.\d+)/,
    atLeast: '20.10.0',
    apt: { package: 'docker.io', file: '/usr/bin/docker' },
  },
};
const PLUGIN = {
  compose: {
    title: "Docker's compose plugin",
    commands: ['docker-compose'],
    version: /version v?(\d+\.\d+\.\d+)/,
    atLeast: '2.22.0',
    // The newest whose module can be installed by itself: later ones exclude versions, which `go install` refuses.
    go: {
      package: 'github.com/docker/compose/v5/cmd',
      module: 'github.com/docker/compose/v5',
      version: COMPOSE,
      ldflags: `-s -w -X github.com/docker/compose/v5/internal.Version=v${COMPOSE}`,
      builds: 'cmd',
    },
  },
};
const BOOTSTRAP = {
  debootstrap: {
    title: 'debootstrap',
    commands: ['debootstrap'],
    version: /debootstrap (\d+\.\d+\.\d+)/,
    atLeast: '1.0.0',
    apt: { package: 'debootstrap', file: '/usr/sbin/debootstrap' },
  },
};
/** For the program that asks musl's resolver for a name. */
const COMPILERS = {
  gcc: {
    title: 'gcc',
    commands: ['gcc'],
    version: /(\d+\.\d+\.\d+)/,
    atLeast: '4.0.0',
    apt: { package: 'gcc', file: '/usr/bin/gcc' },
  },
  muslGcc: {
    title: 'musl-gcc',
    commands: ['musl-gcc'],
    version: /(\d+\.\d+\.\d+)/,
    atLeast: '1.0.0',
    apt: { package: 'musl-tools', file: '/usr/bin/musl-gcc' },
  },
};
const TOOLS = { ...ENGINE, ...CLIENT, ...PLUGIN, ...BOOTSTRAP, ...COMPILERS };

/** Types and meaning: docker-tools.d.mts. */
export async function setUpDockerTools(names, env = process.env) {
  const programs = Object.fromEntries(names.map((name) => [name, TOOLS[name]]));
  await setUpPrograms({ progress: createProgress(), env, programs });
  const resolved = await resolvePrograms({ env, programs });
  return Object.fromEntries(names.map((name) => [name, resolved[name].path]));
}
