import { fileURLToPath } from 'node:url';
import { $ } from 'zx';

/** Seconds that an npm script takes as a user runs it. Throws when it fails. */
export async function benchCommand(script: 'start' | 'test'): Promise<number> {
  const began = performance.now();
  const cwd = fileURLToPath(new URL('../', import.meta.url));
  await $({ cwd, stdio: ['ignore', 'ignore', 'inherit'] })`npm run --silent ${script}`;
  return (performance.now() - began) / 1000;
}
