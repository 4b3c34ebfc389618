import type { AppProcess, Stack } from '../stack/stack.ts';

/** Lines of a log that are looked through, from its end. */
const LINES = 2000;

/** How long the logs of the application's processes are at a moment, in bytes. */
export type LogSizes = Readonly<Record<AppProcess, number>>;

/** How long they are now. */
export async function logSizes(stack: Stack): Promise<LogSizes> {
  const [web, worker] = await Promise.all([
    stack.component('web').logSize(),
    stack.component('worker').logSize(),
  ]);
  return { web, worker };
}

/**
 * Whether one of these processes has logged an error since the injection: a line of its own log that fits the pattern. Only the
 * application writes there, so no look of ours is taken for it. Told by the place in the log and not by the line's time, which is of the
 * process's own clock, and that may be wrong.
 *
 * @param before the logs at the injection
 * @returns the observation in words with what fitted, undefined if there is none
 */
export async function logged(
  processes: readonly AppProcess[],
  stack: Stack,
  before: LogSizes,
  pattern: RegExp,
): Promise<string | undefined> {
  for (const process of processes) {
    for (const line of await stack.component(process).log(LINES, before[process])) {
      const found = pattern.exec(line)?.[0];
      if (found) return `the ${process} logged "${found}"`;
    }
  }
  return undefined;
}
