import { join } from 'node:path';
import { programsFolder } from './cache.mjs';

/**
 * The one command that would help where no source worked: it gets each program by the way that needs least, and puts
 * it where set-up looks. It is meant for a machine, or a moment, with another way out to the network; curl knows of
 * proxies in the environment, which Node's own download does not.
 *
 * @param {readonly { program: object, tried: readonly { command?: string }[] }[]} missing programs of the catalogue,
 *   and what each source that was tried said would help it
 * @returns {string} what to do, ending in the command on lines of its own
 */
export function commandThatHelps(missing, { platform, arch, cache }) {
  const programs = missing.map(({ program }) => program);
  const formulas = platform === 'darwin' ? programs.filter(({ brew }) => brew) : [];
  const steps = formulas.length > 0 ? [`brew install ${formulas.map(({ brew }) => brew).join(' ')}`] : [];
  for (const { program, tried } of missing) {
    if (formulas.includes(program)) continue;
    const told = tried.find(({ command }) => command)?.command;
    const step = told ?? fetchCommand(program.release?.(platform, arch), cache);
    if (step) steps.push(step);
  }
  if (steps.length === 0) {
    return `install ${programs.map(({ commands }) => commands[0]).join(' and ')} on PATH by hand, then run again.`;
  }
  const command = steps.join(' \\\n      && ');
  return `where the network lets you, run this, then run again:\n    ${command}`;
}

/** Fetches a release's file into the cache's folder for it, as set-up would. */
function fetchCommand(release, cache) {
  if (!release) return undefined;
  const { command, version, url, member } = release;
  const folder = join(programsFolder(cache), `${command.replace(/-server$/, '')}-${version}`);
  const target = quote(join(folder, command));
  const make = `mkdir -p ${quote(folder)}`;
  if (!member) return `${make} && curl -fL ${url} -o ${target} && chmod +x ${target}`;
  const depth = member.split('/').length - 1;
  return `${make} && curl -fL ${url} | tar -xz -C ${quote(folder)} --strip-components=${depth} ${member}`;
}

/** A word for the shell, in quotes where it needs them. */
function quote(word) {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
