import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { place, withStaging } from './cache.mjs';
import { CommandError } from './command.mjs';
import { messageOf, SetupError } from './errors.mjs';
import { checkExecutable, resolveProgram } from './programs.mjs';
import { commandThatHelps } from './remedy.mjs';
import { describeRange } from './versions.mjs';

/**
 * Gets every program that is not there from the first source that can give it. All are tried before it fails, so that
 * one error names all that is missing. Call it under the set-up lock.
 *
 * @throws {SetupError} `E_SETUP_PROGRAMS`
 */
export async function installPrograms(programs, sources, context) {
  const missing = [];
  for (const program of Object.values(programs)) {
    const { found, tried } = await resolveProgram(program, context.env);
    if (found) continue;
    const failures = await installProgram(program, sources, context);
    if (failures) missing.push({ program, tried: [...tried, ...failures] });
  }
  if (missing.length > 0) throw programsError(missing, context);
}

/** Tries the sources in their order. Returns undefined when one gave the program, else why each did not. */
async function installProgram(program, sources, context) {
  const tried = [];
  for (const source of sources) {
    context.signal?.throwIfAborted();
    const step = context.progress.step(`${program.title} by ${source.name}`);
    try {
      const path = await withStaging(context.cache, (folder) =>
        installFrom(source, program, folder, { ...context, step }),
      );
      step.done(path);
      return undefined;
    } catch (error) {
      const why = error instanceof CommandError ? error.summary : messageOf(error);
      step.failed(context.signal?.aborted ? 'interrupted' : why);
      context.signal?.throwIfAborted();
      tried.push({ source: source.name, why, command: error.command });
    }
  }
  return tried;
}

/** Lets one source build the program in an empty folder, sees it run there, and puts it in its place. */
async function installFrom(source, program, staging, context) {
  const folder = join(staging, 'program');
  await mkdir(folder);
  const command = await source.install(program, folder, context);
  const { version, why } = await checkExecutable(program, join(folder, command), context.env);
  if (!version) throw new Error(why.replaceAll(`${folder}/`, ''));
  const name = `${command.replace(/-server$/, '')}-${version}`;
  return join(await place(context.cache, folder, name, source.name), command);
}

function programsError(missing, context) {
  const names = missing.map(({ program }) => `${program.title} ${describeRange(program)}`);
  return new SetupError({
    code: 'E_SETUP_PROGRAMS',
    happened: `Set-up could not get ${names.join(' and ')}.`,
    details: missing.flatMap(({ program, tried }) => [
      `tried for ${program.title}:`,
      ...tried.map(({ source, why }) => `  ${source}: ${why}`),
    ]),
    remedy: commandThatHelps(missing, context),
  });
}
