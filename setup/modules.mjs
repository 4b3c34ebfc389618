import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Written into node_modules after everything in it was installed and repaired; `npm ci` begins by removing it. */
const STAMP = '.langfuse-chaos-set-up';

/** The Node that the harness runs under, from the npm package `node`. */
export const nodePath = (root) => join(root, 'node_modules', 'node', 'bin', 'node');

/**
 * Whether node_modules is what package.json and package-lock.json ask for. It costs milliseconds.
 *
 * @param {string} root the checkout
 * @returns {Promise<{ current: boolean, why?: string, installed?: boolean }>} `installed`: npm has done its part, and
 *   only what set-up adds to it is open
 */
export async function modulesState(root) {
  const modules = join(root, 'node_modules');
  const [manifest, lock, installed, stamp] = await Promise.all([
    readText(join(root, 'package.json')),
    readText(join(root, 'package-lock.json')),
    readText(join(modules, '.package-lock.json')),
    readText(join(modules, STAMP)),
  ]);
  if (lock === undefined || manifest === undefined) {
    return { current: false, why: 'package.json or package-lock.json is missing' };
  }
  // npm writes it as the last thing of an install.
  if (installed === undefined) {
    return {
      current: false,
      why: existsSync(modules) ? 'npm ci was interrupted' : 'node_modules is missing',
    };
  }
  const why = difference(
    JSON.parse(manifest),
    JSON.parse(lock).packages,
    JSON.parse(installed).packages,
    root,
  );
  if (why) return { current: false, why };
  if (stamp?.trim() !== fingerprint(lock)) {
    return { current: false, installed: true, why: 'what set-up adds to npm ci was not done yet' };
  }
  return { current: true };
}

/** Notes that node_modules is complete. */
export async function writeStamp(root) {
  const stamp = join(root, 'node_modules', STAMP);
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  await writeFile(`${stamp}.tmp`, `${fingerprint(lock)}\n`);
  await rename(`${stamp}.tmp`, stamp);
}

/** Takes the note back; an install begins with it, so that an interrupted one is not taken for a complete one. */
export const removeStamp = (root) => rm(join(root, 'node_modules', STAMP), { force: true });

/** A checkout can be mounted on machines of several kinds; modules for one do not run on another. */
function fingerprint(lock) {
  return createHash('sha256').update(`${process.platform} ${process.arch}\n${lock}`).digest('hex');
}

/**
 * Why the installed packages are not those of the lock file; undefined if they are. Packages that the lock file calls
 * optional may be absent (they are for other platforms).
 */
function difference(manifest, locked, installed, root) {
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    if (!sameEntries(manifest[kind], locked['']?.[kind])) return `${kind} of package.json changed`;
  }
  for (const [path, { version, optional }] of Object.entries(locked)) {
    if (path === '') continue;
    const there = installed[path];
    if (!there && !optional) return `${path} is not installed`;
    if (there && there.version !== version) return `${path} is ${there.version}, not ${version}`;
    if (there && !existsSync(join(root, path, 'package.json'))) return `${path} was removed`;
  }
  return undefined;
}

function sameEntries(a = {}, b = {}) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

async function readText(path) {
  return readFile(path, 'utf8').catch(() => undefined);
}
