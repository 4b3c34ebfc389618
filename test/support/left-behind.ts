/** Ends what end-to-end files have left behind that were killed, or that failed in the middle: nobody else looks into their folders. */
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../src/base/errors.ts';
import { identify } from '../../src/stack/processes.ts';
import { listStacks, removeStack } from '../../src/stack/remove.ts';

const NAME = 'langfuse-chaos-test-';

/** How the name of the temporary folder of a test process begins. */
export const testFolderPrefix = (pid: number) => join(tmpdir(), `${NAME}${pid}-`);

/** Before all end-to-end files. */
export async function setup(): Promise<void> {
  const before = process.env.TMPDIR;
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(NAME))) {
    const pid = Number(name.slice(NAME.length).split('-')[0]);
    if (identify(pid)) continue;
    const folder = join(tmpdir(), name);
    process.env.TMPDIR = folder;
    try {
      for (const stack of await listStacks()) await removeStack(stack.folder);
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      console.warn(`${folder} was left behind and could not be removed: ${messageOf(error)}`);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  }
}

/** After all of them. */
export const teardown = setup;
