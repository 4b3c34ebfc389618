import { Interrupted } from './exit-codes.ts';

/**
 * A signal that aborts with {@link Interrupted} on the first Ctrl-C, SIGTERM or SIGHUP; a second one ends the process at
 * once, for whoever does not want to wait for the clean-up (`langfuse-chaos down` then does it).
 *
 * @param doing what the user is told is being done
 */
export function interruptSignal(doing = 'undoing faults and ending the stack'): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    console.error(`\nStopping: ${doing}. Once more to leave at once (then run \`langfuse-chaos down\`).`);
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  return controller.signal;
}
