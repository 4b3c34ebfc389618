import { spawn } from 'node:child_process';

/** Tells the child that the channel to its parent is its lifeline. */
const MARK = 'LANGFUSE_CHAOS_CHILD';
const child = process.env[MARK] !== undefined;
// Not for the processes that the harness starts.
delete process.env[MARK];

/** Whether this process was started by {@link runAsChild}. */
export const isChild = () => child;

/**
 * Runs a script under another Node as if it were this process: same terminal, same arguments, signals passed on, same
 * end. It does not return.
 */
export async function runAsChild(node, script, args) {
  const running = spawn(node, [script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  // The terminal sends Ctrl-C to the child as well; the child takes both for one (signals.mjs).
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const passOn = (signal) => running.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  const [code, signal] = await new Promise((resolve, reject) => {
    running.on('error', reject);
    running.on('exit', (...end) => resolve(end));
  });
  if (signal === null) process.exit(code);
  for (const name of signals) process.off(name, passOn);
  process.kill(process.pid, signal);
}

/** Ends this process in order when the parent is gone, which is what `kill -9` of the parent comes to. */
export function stayWithParent() {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
