import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ChaosError } from '../base/errors.ts';

/** Root may start Postgres only as another user, who must be able to walk to its data (but not to list or read). */
export const FOLDER_MODE = userInfo().uid === 0 ? 0o711 : 0o700;

/**
 * The folder that holds every stack of this user, `<tmpdir>/langfuse-chaos-<uid>`; made when it is not there.
 *
 * @throws ChaosError `E_STACK_FOLDER` when something else lies there or it belongs to somebody else
 */
export function stacksFolder(): string {
  const folder = join(tmpdir(), `langfuse-chaos-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
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
