import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Seconds that an npm script takes as a user runs it. Throws when it fails. */
export async function benchCommand(script: 'start' | 'test'): Promise<number> {
  const began = performance.now();
  const cwd = fileURLToPath(new URL('../', import.meta.url));
  const child = spawn('npm', ['run', '--silent', script], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`npm run ${script} ended with ${String(code)}`);
  return (performance.now() - began) / 1000;
}
