/** Ends what end-to-end files have left behind that were killed, or that failed in the middle: nobody else looks into their folders. */
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../src/base/errors.ts';
import { FOLDER_MODE } from '../../src/stack/folder.ts';
import { identify, processState } from '../../src/stack/processes.ts';
import { listStacks, removeStack } from '../../src/stack/remove.ts';

/** As {@link makeTestFolder} names them; a folder that a person has made beside them is none of ours. */
const NAME = /^langfuse-chaos-test-\d+-[A-Za-z0-9]{6}$/;
/** In each test folder: whose it is. */
const OWNER_FILE = 'test-process.json';
const ownerSchema = z.object({ system: z.string(), pid: z.number().int(), startTime: z.string() });

/** Makes the temporary folder of this test process, and says in it whose it is. */
export function makeTestFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), `langfuse-chaos-test-${process.pid}-`));
  chmodSync(folder, FOLDER_MODE);
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify({ system: system(), ...identify(process.pid) }));
  return folder;
}

/** Where a pid means the same process: a folder for temporary files may be shared with other machines and containers. */
function system(): string {
  return process.platform === 'linux' ? `${hostname()} ${readlinkSync('/proc/self/ns/pid')}` : hostname();
}

/** Before all end-to-end files. */
export async function setup(): Promise<void> {
  const before = process.env.TMPDIR;
  const folders = readdirSync(tmpdir())
    .filter((name) => NAME.test(name))
    .map((name) => join(tmpdir(), name));
  for (const folder of folders.filter(isLeftBehind)) {
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

/** Whether it is beyond doubt that a test process of this user and system made it, and has ended. */
function isLeftBehind(folder: string): boolean {
  try {
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    const owner = ownerSchema.parse(JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')));
    return owner.system === system() && processState(owner) === 'exited';
  } catch {
    return false; // gone, or nothing in it tells whose it is
  }
}
