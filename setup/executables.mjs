import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** The first executable called `command` on the PATH of `env`, as an absolute path; undefined if there is none. */
export async function findOnPath(command, env) {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = resolve(folder, command);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** Whether `path` is a file, or a link to one, that this user may execute. */
export async function isExecutable(path) {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
