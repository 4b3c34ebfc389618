import { SetupError } from './errors.mjs';
import { createProgress } from './progress.mjs';
import { setUp } from './set-up.mjs';

const OLDEST_NODE = 20;
/** The harness' exit code for a stack that did not start (src/cli/exit-codes.ts): without set-up it cannot. */
const FAILED = 4;
/** The harness' exit code for a defect of its own. */
const DEFECT = 5;
/** What a shell adds to a signal's number. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * Runs set-up for a person: shows progress and errors, and stops in order when it is interrupted.
 *
 * @param {string} root the checkout
 * @returns {Promise<number>} the exit code
 */
export async function runSetUp(root) {
  const unfit = unfitMachine();
  if (unfit) return say(unfit, FAILED);
  const interruption = new AbortController();
  const interrupt = (signal) => interruption.abort(signal);
  for (const signal of Object.keys(INTERRUPTED)) process.on(signal, interrupt);
  try {
    await setUp({ root, progress: createProgress(), signal: interruption.signal });
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) {
      return say(
        'set-up: interrupted; the next run goes on from here.',
        INTERRUPTED[interruption.signal.reason],
      );
    }
    return error instanceof SetupError ? say(error.message, FAILED) : say(error.stack, DEFECT);
  } finally {
    for (const signal of Object.keys(INTERRUPTED)) process.off(signal, interrupt);
  }
}

/** Why set-up cannot work here at all; undefined if it can. */
function unfitMachine() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    return `Node ${process.versions.node} is too old.\n  next: install Node ${OLDEST_NODE} or newer.`;
  }
  if (!['linux', 'darwin'].includes(process.platform)) {
    return `The harness does not run on ${process.platform}.\n  next: use Linux, macOS or WSL 2.`;
  }
  return undefined;
}

function say(text, code) {
  process.stderr.write(`${text}\n`);
  return code;
}
