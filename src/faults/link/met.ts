import { type Exchange, endsOf, type Link, type Stack } from '../../stack/stack.ts';

/** Lines of a log that are looked through, from its end. */
const LINES = 2000;

/**
 * What the process at the near end of a link met there since `since`, by its own account: the exchanges that its connections
 * noted. Our own attempt to connect would only prove that Toxiproxy obeys, not that the process noticed. Links to the
 * resolver have no such notes; there the process's log has to name a failed look-up.
 *
 * @param look what one exchange shows of the fault, as the end of the sentence "the worker …"
 * @returns the observation in words, undefined if there is none
 */
export async function met(
  link: Link,
  stack: Stack,
  since: number,
  look: (exchange: Exchange) => string | undefined,
): Promise<string | undefined> {
  const { from, to } = endsOf(link);
  if (to === 'dns') return metFailedLookUp(link, stack, since);
  for (const exchange of await stack.exchanges(link)) {
    const seen = look(exchange);
    if (seen) return `the ${from} ${seen}`;
  }
  return undefined;
}

/** Whether the process's own log names a look-up that failed for want of an answer (`getaddrinfo EAI_AGAIN`). */
async function metFailedLookUp(link: Link, stack: Stack, since: number): Promise<string | undefined> {
  const { from } = endsOf(link);
  const lines = await stack.component(from).log(LINES);
  const line = lines.find((text) => text.includes('getaddrinfo EAI_AGAIN') && timeOf(text) >= since);
  const name = line && /getaddrinfo EAI_AGAIN ([\w.-]+)/.exec(line)?.[1];
  return line && `the ${from} logged "getaddrinfo EAI_AGAIN ${name}"`;
}

/** The first ISO 8601 time in a line, in ms since the epoch; -Infinity if there is none. */
function timeOf(line: string): number {
  const found = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/.exec(line);
  return found ? Date.parse(found[0]) : Number.NEGATIVE_INFINITY;
}

/** Whether the other side, or the network, ended the connection of this exchange since `since`. */
export function wasEnded({ end, endedAt = 0 }: Exchange, since: number): boolean {
  return endedAt >= since && end !== undefined && end !== 'local';
}

/** How a connection ended, as the end of a sentence. */
export function endText({ end }: Exchange): string {
  return end === 'remote' ? 'the connection was closed' : `the connection ended with ${end}`;
}
