import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import { parseSpec, type StackSpec, specText } from '../../stack/spec.ts';
import { openRunFolder, RunFolder } from '../run-folder.ts';

/** One of the two that are compared: a stack to be started for each scenario, or runs that lie there. */
export type Side =
  | { readonly kind: 'stack'; readonly spec: StackSpec }
  | { readonly kind: 'runs'; readonly folders: readonly RunFolder[] };

const RUN = 'run:';

/**
 * Reads a side from the words of an option: one stack as {@link parseSpec} reads it, or stored runs, `run:latest`.
 *
 * @param option its name, for the message
 * @throws ChaosError `E_USAGE`, `E_RUN_FOLDER`
 */
export function parseSide(words: readonly string[], option: string): Side {
  const [first] = words;
  if (first !== undefined && words.every((word) => word.startsWith(RUN))) {
    // `latest` would be another run as soon as this command begins one.
    const folders = words.map((word) => realpathSync(openRunFolder(word.slice(RUN.length)).path));
    return { kind: 'runs', folders: [...new Set(folders)].map((path) => new RunFolder(path)) };
  }
  if (first !== undefined && words.length === 1)
    return { kind: 'stack', spec: parseSpec(first, (path) => resolve(path)) };
  throw new ChaosError({
    code: 'E_USAGE',
    happened: words.length === 0 ? `${option} is missing.` : `${option} ${words.join(' ')} is more than one.`,
    expected: 'one stack such as embedded or docker:3.36.0, or one or several stored runs such as run:latest',
    remedy: 'name one; `langfuse-chaos compare --help` has examples.',
  });
}

/** A side in words: `embedded:safe`, or what its runs were of. */
export function sideText(side: Side): string {
  if (side.kind === 'stack') return specText(side.spec);
  const targets = new Set(side.folders.map((folder) => targetOf(folder)));
  return `${[...targets].join(', ')} (stored)`;
}

/** What a stored run tested, in a word. */
function targetOf(folder: RunFolder): string {
  const { target, stack } = folder.readRun();
  return target ?? stack;
}
