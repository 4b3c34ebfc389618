import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** What the benchmark measured. */
export interface CatalogueFigures {
  readonly minutes: number;
  /** Whether every run ended as v3.36.0 is expected to. */
  readonly asExpected: boolean;
}

/** Runs the whole catalogue, two stacks at a time; its tables go to standard error. The floor is 12 minutes. */
export async function benchCatalogue(): Promise<CatalogueFigures> {
  const began = performance.now();
  const run = spawn(process.execPath, [MAIN, 'run', '--all', '--jobs', '2', '--as-expected', '--seed', '1'], {
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const [code] = await once(run, 'exit');
  return { minutes: (performance.now() - began) / 60_000, asExpected: code === 0 };
}

if (import.meta.main) {
  const { minutes, asExpected } = await benchCatalogue();
  console.log(
    `the whole catalogue: ${minutes.toFixed(1)} min, ${asExpected ? '' : 'not '}as expected of v3.36.0`,
  );
}
