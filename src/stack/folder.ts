import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { ChaosError, messageOf } from '../base/errors.ts';

/** Root may start Postgres only as another user, who must be able to walk to its data (but not to list or read). */
export const FOLDER_MODE = userInfo().uid === 0 ? 0o711 : 0o700;

/**
 * The folder that holds every stack of this user, `<tmpdir>/langfuse-chaos-<uid>`; made when it is not there. The folder around it is not: a
 * mistyped TMPDIR would hide the stacks from whoever looks for them.
 *
 * @throws ChaosError `E_STACK_FOLDER` when it can't be made, something else lies there, or it belongs to somebody else
 */
export function stacksFolder(): string {
  const folder = join(tmpdir(), `langfuse-chaos-${userInfo().uid}`);
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unmakeable(folder, error);
  }
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== userInfo().uid) {
    throw new ChaosError({
      code: 'E_STACK_FOLDER',
      happened: `${folder} is not a folder of yours.`,
      expected:
        'a folder that belongs to the user who runs the harness, so that nobody else reads its secrets',
      remedy: 'remove it, or set TMPDIR to a folder of your own, and run again.',
    });
  }
  chmodSync(folder, FOLDER_MODE);
  return folder;
}

/** Where the log of a process lies. */
export function logFileOf(stackFolder: string, name: string): string {
  return join(stackFolder, 'logs', `${name}.log`);
}

/** Where a process keeps its data. */
export function dataFolderOf(stackFolder: string, name: string): string {
  return join(stackFolder, 'data', name);
}

function unmakeable(folder: string, error: unknown): ChaosError {
  const isAway = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return new ChaosError({
    code: 'E_STACK_FOLDER',
    happened: isAway
      ? `The folder for temporary files, ${dirname(folder)}, is not there.`
      : `The folder for stacks can't be made: ${messageOf(error)}.`,
    expected: 'a folder that is there and can be written: the one that TMPDIR names, or the system’s own',
    remedy: 'make it, or set TMPDIR to another one, and run again.',
    cause: error,
  });
}
