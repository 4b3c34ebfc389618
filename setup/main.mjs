import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './errors.mjs';
import { createProgress } from './progress.mjs';
import { setUp } from './set-up.mjs';

const OLDEST_NODE = 20;
/** What a shell adds to a signal's number for the exit code. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  end(`Node ${process.versions.node} is too old.\n  next: install Node ${OLDEST_NODE} or newer.`, 1);
}
if (!['linux', 'darwin'].includes(process.platform)) {
  end(`The embedded stack does not run on ${process.platform}.\n  next: use Linux, macOS or WSL 2.`, 1);
}

const interruption = new AbortController();
let exitCode = 1;
for (const [signal, code] of Object.entries(SIGNAL_EXIT)) {
  process.on(signal, () => {
    exitCode = code;
    interruption.abort(new Error(`interrupted by ${signal}`));
  });
}

try {
  await setUp({ root, progress: createProgress(), signal: interruption.signal });
  process.exit(0);
} catch (error) {
  if (interruption.signal.aborted) end('set-up: interrupted; the next run goes on from here.', exitCode);
  end(error instanceof SetupError ? error.message : error.stack, 1);
}

/** Ends at once: a name look-up that nobody answers would keep the process for half a minute. */
function end(text, code) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
