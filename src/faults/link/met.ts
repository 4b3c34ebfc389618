import { type AppProcess, type Exchange, endsOf, type Link, type Stack } from '../../stack/stack.ts';
import { type LogSizes, logged } from '../logged.ts';

/**
 * What the process at the near end of a link met there since `since`, by its own account: the exchanges that its connections
 * noted. Our own attempt to connect would only prove that Toxiproxy obeys, not that the process noticed. Links to the
 * resolver have no such notes; there the process's log has to name a look-up that failed for want of an answer, and the DNS server's
 * log the question, which comes over UDP past the link, and to which it gave the right answer. A target whose processes are not the
 * harness's own is looked at from outside instead.
 *
 * @param look what one exchange shows of the fault, as the end of the sentence "the worker …"
 * @returns the observation in words, undefined if there is none
 */
export async function met(
  link: Link,
  stack: Stack,
  since: number,
  logs: LogSizes,
  look: (exchange: Exchange) => string | undefined,
): Promise<string | undefined> {
  const { from, to } = endsOf(link);
  if (stack.guard) return stack.guard.met(link);
  if (to === 'dns') return lookUpFailed(from, stack, since, logs);
  for (const exchange of await stack.exchanges(link)) {
    const seen = look(exchange);
    if (seen) return `the ${from} ${seen}`;
  }
  return undefined;
}

async function lookUpFailed(from: AppProcess, stack: Stack, since: number, logs: LogSizes) {
  const asked = (await stack.dns.queries(since)).filter((query) => query.from === from && !query.fault);
  const names = new Set(asked.map(({ name }) => name.replaceAll('.', '\\.')));
  if (names.size === 0) return undefined;
  return logged([from], stack, logs, new RegExp(`getaddrinfo EAI_AGAIN (?:${[...names].join('|')})`));
}

/** Whether the other side, or the network, ended the connection of this exchange since `since`. */
export function wasEnded({ end, endedAt = 0 }: Exchange, since: number): boolean {
  return endedAt >= since && end !== undefined && end !== 'local';
}

/** How a connection ended, as the end of a sentence. */
export function endText({ end }: Exchange): string {
  return end === 'remote' ? 'the connection was closed' : `the connection ended with ${end}`;
}
