import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheError, cacheFolder, prepareCache } from './cache.mjs';
import { PROGRAMS } from './catalogue.mjs';
import { installModules, nodeProblem } from './install-modules.mjs';
import { installPrograms } from './install-programs.mjs';
import { withLock } from './lock.mjs';
import { modulesState } from './modules.mjs';
import { resolvePrograms } from './programs.mjs';
import { goInstall } from './sources/go-install.mjs';
import { packageManager } from './sources/package-manager.mjs';
import { releaseDownload } from './sources/release-download.mjs';

/** Where a program that is not there comes from, in the order in which they are tried. */
export const SOURCES = [goInstall, releaseDownload, packageManager];

/**
 * Makes the checkout ready to run: npm modules, then the programs that npm cannot give. What is there already costs a
 * look of about 0.1 s; only one set-up at a time does more than look.
 *
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {ReturnType<import('./progress.mjs').createProgress>} options.progress
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {AbortSignal} [options.signal] stops it; what it started is ended, and the next set-up goes on
 * @throws {import('./errors.mjs').SetupError}
 */
export async function setUp({ root, progress, env = process.env, signal }) {
  await setUpModules({ root, progress, env, signal });
  await setUpPrograms({ progress, env, signal });
}

/** The npm modules alone. */
export async function setUpModules({ root, progress, env = process.env, signal }) {
  const [{ current }, problem] = await Promise.all([modulesState(root), nodeProblem(root, env)]);
  if (current && !problem) return;
  const name = `modules-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`;
  await underLock(name, { env, progress, signal }, (context) => installModules(root, context));
}

/** The programs alone; the rest of the options is for tests. */
export async function setUpPrograms({
  progress,
  env = process.env,
  signal,
  programs = PROGRAMS,
  sources = SOURCES,
  platform = process.platform,
  arch = process.arch,
  uid = process.getuid(),
  patience,
}) {
  const resolved = await resolvePrograms({ env, programs });
  if (Object.values(resolved).every((program) => 'path' in program)) return;
  await underLock('programs', { env, progress, signal }, async (context) => {
    await prepareCache(context.cache);
    await installPrograms(programs, sources, { ...context, platform, arch, uid, patience });
  });
}

async function underLock(name, { env, progress, signal }, work) {
  const cache = cacheFolder(env);
  await mkdir(cache, { recursive: true }).catch((error) => {
    throw cacheError(cache, error);
  });
  const onWait = (pid) => progress.note(`set-up: waiting for another set-up (process ${pid}) to end`);
  return withLock(join(cache, `${name}.lock`), { signal, onWait }, ({ register }) =>
    work({ cache, env, progress, signal, register }),
  );
}
