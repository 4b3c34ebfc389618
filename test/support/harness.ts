/** A harness process that a test can kill: starts a stack, says each step on a line, and stays. */
import { readdirSync } from 'node:fs';
import { startEmbeddedStack } from '../../src/stack/embedded/start.ts';
import { readState } from '../../src/stack/embedded/state.ts';
import { stacksFolder } from '../../src/stack/folder.ts';

function ownFolder(): string | undefined {
  return readdirSync(stacksFolder())
    .map((name) => `${stacksFolder()}/${name}`)
    .find((folder) => {
      try {
        return readState(folder).owner.pid === process.pid;
      } catch {
        return false;
      }
    });
}

const watching = setInterval(() => {
  const folder = ownFolder();
  if (!folder) return;
  clearInterval(watching);
  console.log(folder);
}, 2);

await startEmbeddedStack({ onProgress: (text) => console.log(text) });
console.log('ready');
setInterval(() => {}, 60_000);
