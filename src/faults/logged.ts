import type { AppProcess, Stack } from '../stack/stack.ts';

/** Lines of a log that are looked through, from its end. */
const LINES = 2000;

/**
 * Whether one of these processes has logged an error since `since`: a line of its own log that fits the pattern. Only the
 * application writes there, so no look of ours is taken for it.
 *
 * @param since ms since the epoch; a line without a time of its own does not count
 * @returns the observation in words with what fitted, undefined if there is none
 */
export async function logged(
  processes: readonly AppProcess[],
  stack: Stack,
  since: number,
  pattern: RegExp,
): Promise<string | undefined> {
  for (const process of processes) {
    for (const line of await stack.component(process).log(LINES)) {
      const found = pattern.exec(line)?.[0];
      if (found && timeOf(line) >= since) return `the ${process} logged "${found}"`;
    }
  }
  return undefined;
}

/** The first ISO 8601 time in a line, in ms since the epoch; -Infinity if there is none. */
function timeOf(line: string): number {
  const found = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/.exec(line);
  return found ? Date.parse(found[0]) : Number.NEGATIVE_INFINITY;
}
