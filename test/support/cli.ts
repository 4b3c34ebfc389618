import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/langfuse-chaos.mjs', import.meta.url));

/** What a finished command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place for run folders that is removed when the test ends. */
export function temporaryReports(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'reports-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts the command as a user would; its output is collected, and can be watched line by line. */
export function startCli(
  args: readonly string[],
  reports: string,
  onOutput: (text: string) => void = () => {},
) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, LANGFUSE_CHAOS_REPORTS: reports },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => onOutput(String(chunk)));
  const finished = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [code]]): Finished => ({ code: code as number | null, stdout, stderr }),
  );
  return { child, finished };
}

/** Runs the command to its end. */
export function runCli(args: readonly string[], reports: string): Promise<Finished> {
  return startCli(args, reports).finished;
}
