import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, ORIGIN_FILE, programsFolder } from './cache.mjs';
import { PROGRAMS } from './catalogue.mjs';
import { CommandError, runCommand } from './command.mjs';
import { findOnPath, isExecutable } from './executables.mjs';
import { compareVersions, describeRange, findVersion, fits } from './versions.mjs';

/** A program that prints its version takes milliseconds; this is for a machine under heavy load. */
const VERSION_TIMEOUT_MS = 15_000;

/**
 * Finds the programs that are there: on PATH, then in the project's cache. Nothing is installed.
 * Types and meaning: programs.d.mts.
 */
export async function resolvePrograms({ env = process.env, programs = PROGRAMS } = {}) {
  const entries = Object.entries(programs).map(async ([key, program]) => {
    const { found, tried } = await resolveProgram(program, env);
    return [key, found ?? { missing: tried.map(({ source, why }) => `${source}: ${why}`).join('; ') }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Finds one program.
 * @returns `found` with its path, version and origin, or why each place did not have it
 */
export async function resolveProgram(program, env) {
  const tried = [];
  for (const [source, look] of [
    ['PATH', onPath],
    ['cache', inCache],
  ]) {
    const { found, why } = await look(program, env);
    if (found) return { found, tried };
    tried.push({ source, why });
  }
  return { tried };
}

/**
 * Asks an executable for its version and holds it against what the program needs.
 * @returns `{ version }`, or `{ why }` when it does not run or does not fit
 */
export async function checkExecutable(program, path, env) {
  let output;
  try {
    output = await runCommand(path, ['--version'], { env, timeoutMs: VERSION_TIMEOUT_MS });
  } catch (error) {
    return { why: `${path} does not run: ${error instanceof CommandError ? error.summary : error.message}` };
  }
  const version = findVersion(output, program.version);
  if (!version) return { why: `${path} does not say its version` };
  if (!fits(version, program)) return { why: `${path} is ${version}, needed is ${describeRange(program)}` };
  return { version };
}

async function onPath(program, env) {
  const reasons = [];
  for (const command of program.commands) {
    const path = await findOnPath(command, env);
    if (!path) continue;
    const { version, why } = await checkExecutable(program, path, env);
    if (version) return { found: { path, version, origin: 'PATH' } };
    reasons.push(why);
  }
  return { why: reasons.join(', ') || `no ${program.commands.join(' or ')}` };
}

async function inCache(program, env) {
  const folder = programsFolder(cacheFolder(env));
  const reasons = [];
  for (const name of await cachedVersions(folder)) {
    for (const command of program.commands) {
      const path = join(folder, name, command);
      if (!(await isExecutable(path))) continue;
      const { version, why } = await checkExecutable(program, path, env);
      if (version) return { found: { path, version, origin: await originOf(join(folder, name)) } };
      reasons.push(why);
    }
  }
  return { why: reasons.join(', ') || `none in ${folder}` };
}

/** The cache's folders, newest version first. */
async function cachedVersions(folder) {
  const names = await readdir(folder).catch(() => []);
  const version = (name) => /-(\d+\.\d+\.\d+)$/.exec(name)?.[1];
  return names.filter(version).sort((a, b) => compareVersions(version(b), version(a)));
}

/** What set-up wrote beside the program; a program that somebody put there by hand comes from the cache alone. */
async function originOf(folder) {
  const origin = await readFile(join(folder, ORIGIN_FILE), 'utf8').catch(() => '');
  return origin.trim() || 'cache';
}
