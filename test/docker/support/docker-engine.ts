import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../setup/cache.mjs';
import { setUpDockerTools } from '../../../setup/docker-tools.mjs';
import { messageOf } from '../../../src/base/errors.ts';
import { waitUntil } from '../../../src/base/wait-until.ts';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** A Docker engine for the tests: the user's, or one that was started for them and ends with them. */
export interface TestEngine extends AsyncDisposable {
  /** Whether it was started for the tests. */
  readonly own: boolean;
}

/** Where what the tests build is kept from one run to the next. */
export const keptFolder = () => join(cacheFolder(), 'docker-test');

/** Why the tests of the docker stack can't be run here; undefined when they can. In CI they have to. */
export async function whyNoDocker(): Promise<string | undefined> {
  if (process.env.CI === 'true') return undefined;
  if (process.platform !== 'linux') return 'the stand-in images are made on Linux only';
  return process.getuid?.() === 0 ? undefined : 'making the stand-in images needs root';
}

/**
 * Finds a Docker engine that answers, or installs and starts one of our own, with its data below the project's cache and a
 * socket in a temporary folder; and sees to it that `docker compose` works. Sets `DOCKER_HOST` and `DOCKER_CONFIG` of this process.
 */
export async function openEngine(): Promise<TestEngine> {
  const { docker } = await setUpDockerTools(['docker']);
  process.env.PATH = `${process.env.PATH}:${join(docker, '..')}`;
  const folder = await mkdtemp(join(tmpdir(), 'chaos-docker-'));
  const stop = (await answers()) ? undefined : await startEngine(folder);
  await offerCompose(folder);
  return {
    own: stop !== undefined,
    async [Symbol.asyncDispose]() {
      await stop?.();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(): Promise<boolean> {
  return run('docker', ['info', '--format', '{{.ServerVersion}}']).then(
    ({ stdout }) => stdout.trim() !== '',
    () => false,
  );
}

/** @returns what ends it */
async function startEngine(folder: string): Promise<(() => Promise<void>) | undefined> {
  const { dockerd } = await setUpDockerTools(['dockerd']);
  // Its package may have started it.
  if (await answers()) return undefined;
  const data = join(keptFolder(), 'engine');
  await mkdir(data, { recursive: true });
  const socket = join(folder, 'docker.sock');
  const logFile = join(folder, 'dockerd.log');
  const log = openSync(logFile, 'a');
  const options = {
    'data-root': data,
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'pid'),
    host: `unix://${socket}`,
  };
  const child = spawn(
    dockerd,
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', log, log], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.env.DOCKER_HOST = options.host;
  try {
    await waitUntil('the Docker engine to answer', answers, { timeoutMs: START_TIMEOUT_MS, intervalMs: 200 });
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${messageOf(error)}\n${readFileSync(logFile, 'utf8').slice(-4000)}`, { cause: error });
  }
  return async () => {
    child.kill('SIGTERM');
    await waitUntil('the Docker engine to end', () => Promise.race([ended.then(() => true), false]), {
      timeoutMs: STOP_TIMEOUT_MS,
    }).catch(() => child.kill('SIGKILL'));
    delete process.env.DOCKER_HOST;
  };
}

/** Gives the command `docker` a compose plugin where it has none. */
async function offerCompose(folder: string): Promise<void> {
  const works = await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (works) return;
  const { compose } = await setUpDockerTools(['compose']);
  const plugins = join(folder, 'config', 'cli-plugins');
  await mkdir(plugins, { recursive: true });
  await symlink(compose, join(plugins, 'docker-compose'));
  process.env.DOCKER_CONFIG = join(folder, 'config');
}
