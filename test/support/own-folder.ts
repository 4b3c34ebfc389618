/**
 * Gives each end-to-end file a temporary folder of its own, in which its stacks lie too: files run side by side, and `down` ends all that it
 * finds. So that none takes the port of a process that another file has killed for a moment, each has ports of its own. A stack that is there when the file has ended was left behind by it.
 */
import { readdirSync, rmSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { PORTS_VARIABLE } from '../../src/stack/embedded/ports.ts';
import { stacksFolder } from '../../src/stack/folder.ts';
import { makeTestFolder } from './left-behind.ts';

const folder = makeTestFolder();
process.env.TMPDIR = folder;

const FIRST_PORT = 15_000;
const PORTS = 4_000;
/** Of those files that run at the moment: 1 for one of them, 2 for another. */
const place = Number(process.env.VITEST_POOL_ID);
const lowest = FIRST_PORT + PORTS * ((place - 1) % 4);
process.env[PORTS_VARIABLE] = `${lowest}-${lowest + PORTS - 1}`;

// Registered before those of the file, so it is called after them.
afterAll(() => {
  expect(readdirSync(stacksFolder()), 'stacks that were left behind').toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});
