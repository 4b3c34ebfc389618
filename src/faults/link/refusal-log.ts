import { endsOf, type Link, type Stack } from '../../stack/stack.ts';

/** Lines of a log that are looked through, from its end. */
const LINES = 2000;

/**
 * Whether the process at the near end of a link met a refused connection there since `since`: its own log names the
 * system's error with the link's address (`connect ECONNREFUSED 127.0.0.1:23345`), which nothing else has. Our own
 * attempt to connect would only prove that Toxiproxy obeys, not that the process noticed.
 *
 * @param since ms since the epoch; a line without a time of its own does not count
 * @returns the observation in words, undefined if there is none
 */
export async function metRefusal(link: Link, stack: Stack, since: number): Promise<string | undefined> {
  const { from } = endsOf(link);
  const { host, port } = stack.linkAddress(link);
  const error = `ECONNREFUSED ${host}:${port}`;
  const lines = await stack.component(from).log(LINES);
  const line = lines.find((text) => new RegExp(`${error}\\b`).test(text) && timeOf(text) >= since);
  return line && `the ${from} logged "connect ${error}"`;
}

/** The first ISO 8601 time in a line, in ms since the epoch; -Infinity if there is none. */
function timeOf(line: string): number {
  const found = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/.exec(line);
  return found ? Date.parse(found[0]) : Number.NEGATIVE_INFINITY;
}
