#!/usr/bin/env node
// The command. It runs on any Node from 20 on, makes sure that set-up was done, and goes on under the Node that the
// harness needs: in this process where that is the one (as it is inside npm scripts), else in a child.
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cacheFolder } from '../setup/cache.mjs';
import { modulesState, nodePath } from '../setup/modules.mjs';
import { runSetUp } from '../setup/run.mjs';
import { isChild, runAsChild, stayWithParent } from './child.mjs';
import { passEachSignalOnce } from './signals.mjs';

/** The major version of the npm package `node` in package.json. */
const NODE = '24';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!isChild()) await makeReady();

if (process.versions.node.startsWith(`${NODE}.`)) {
  if (isChild()) stayWithParent();
  passEachSignalOnce();
  // Half of the time of a short command is the compilation of its modules. Where the folder can't be written, it goes on without.
  module.enableCompileCache(join(cacheFolder(), 'compiled'));
  const main = join(root, 'src', 'cli', 'main.ts');
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else {
  await runAsChild(nodePath(root), fileURLToPath(import.meta.url), process.argv.slice(2));
}

/** Sets up what is missing. When only programs cannot be had it goes on: not every command needs them. */
async function makeReady() {
  if ((await modulesState(root)).current) return;
  const code = await runSetUp(root);
  if (code > 128 || (code !== 0 && !(await modulesState(root)).current)) process.exit(code);
}
