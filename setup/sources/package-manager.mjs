import { access, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../command.mjs';
import { SourceError } from '../errors.mjs';
import { findOnPath } from '../executables.mjs';
import { describeRange, findVersion, fits } from '../versions.mjs';

const LOOK_UP_TIMEOUT_MS = 15_000;
const INSTALL_TIMEOUT_MS = 10 * 60_000;
/** A mirror that does not answer is given up within seconds, and a lock held by another apt is waited for. */
const APT_OPTIONS = [
  '-o',
  'Acquire::Retries=0',
  '-o',
  'Acquire::http::Timeout=5',
  '-o',
  'Acquire::https::Timeout=5',
  '-o',
  'DPkg::Lock::Timeout=60',
];

/** Installs with the system's package manager, and links the program into the cache. */
export const packageManager = {
  name: 'package manager',

  install(program, folder, context) {
    return context.platform === 'darwin'
      ? installWithHomebrew(program, folder, context)
      : installWithApt(program, folder, context);
  },
};

async function installWithHomebrew(program, folder, { env, signal }) {
  if (!program.brew) throw new SourceError('Homebrew has no formula for it');
  const brew = await findOnPath('brew', { PATH: `${env.PATH}:/opt/homebrew/bin:/usr/local/bin` });
  if (!brew) throw new SourceError('Homebrew is not on PATH');
  await runCommand(brew, ['install', program.brew], { env, signal, timeoutMs: INSTALL_TIMEOUT_MS });
  const prefix = await runCommand(brew, ['--prefix', program.brew], {
    env,
    signal,
    timeoutMs: LOOK_UP_TIMEOUT_MS,
  });
  const command = program.commands[0];
  await symlink(join(prefix.trim(), 'bin', command), join(folder, command));
  return command;
}

/**
 * Debian splits Redis in two: `redis-tools` has the program, under the name `redis-check-rdb` (the one file is all
 * of them and acts by the name it is called with), and `redis-server` has the link to it and the system service. A
 * link of our own gives the program without the service.
 */
async function installWithApt(program, folder, context) {
  if (!program.apt) throw new SourceError('Debian and Ubuntu have no package of it');
  const { package: name, file } = program.apt;
  if (!(await exists(file))) await aptInstall(program, name, context);
  const command = program.commands[0];
  await symlink(file, join(folder, command));
  return command;
}

async function aptInstall(program, name, { env, signal, step, uid }) {
  const apt = await findOnPath('apt-get', env);
  if (!apt) throw new SourceError('there is no apt-get');
  const options = { env: { ...env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }, signal };
  const root = await asRoot(name, uid, options, step);

  let offered = await candidate(name, options);
  if (!offered) {
    step.update('apt-get update');
    await root(apt, [...APT_OPTIONS, 'update']);
    offered = await candidate(name, options);
  }
  if (!offered) throw new SourceError(`the system's package sources have no ${name}`);
  if (!fits(offered, program)) {
    throw new SourceError(`the system's ${name} is ${offered}, needed is ${describeRange(program)}`);
  }
  step.update(`apt-get install ${name}`);
  const install = [...APT_OPTIONS, 'install', '-y', '--no-install-recommends', name];
  await root(apt, install).catch(async (error) => {
    signal?.throwIfAborted();
    if (error instanceof SourceError) throw error;
    // The list of packages can be older than what the mirror still holds.
    await root(apt, [...APT_OPTIONS, 'update']);
    await root(apt, install);
  });
}

/** The version that the package manager would install; undefined if it knows none. */
async function candidate(name, options) {
  const output = await runCommand('apt-cache', ['policy', name], {
    ...options,
    timeoutMs: LOOK_UP_TIMEOUT_MS,
  });
  return findVersion(output, /Candidate: (?:\d+:)?(\d+\.\d+\.\d+)/);
}

/** A function that runs commands as root: directly, through sudo without a question, or through sudo that may ask. */
async function asRoot(name, uid, options, step) {
  const command = `apt-get install -y --no-install-recommends ${name}`;
  const run = (command, args, terminal = false) =>
    runCommand(command, args, { ...options, terminal, timeoutMs: INSTALL_TIMEOUT_MS });
  if (uid === 0) return run;
  const sudo = await findOnPath('sudo', options.env);
  if (!sudo) throw new SourceError('it needs root, and there is no sudo', `su -c '${command}'`);
  const silent = await run(sudo, ['-n', 'true']).then(
    () => true,
    () => false,
  );
  if (silent) return (command, args) => run(sudo, ['-n', command, ...args]);
  if (!process.stdin.isTTY)
    throw new SourceError('it needs root, and sudo asks for a password', `sudo ${command}`);
  step.hold('sudo may ask for your password');
  return (command, args) => run(sudo, [command, ...args], true);
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
