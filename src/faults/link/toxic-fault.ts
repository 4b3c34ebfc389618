import type { z } from 'zod';
import { type Exchange, endsOf, type Link, type Stack } from '../../stack/stack.ts';
import { tryConnect } from '../connect.ts';
import type { Fault, FaultParameters } from '../fault.ts';
import { addToxic, dropConnections, proxyOf, removeToxic, setProxyEnabled, type Toxic } from '../proxy.ts';
import { met } from './met.ts';

/** What every fault that is one toxic has. */
export interface ToxicFaultParameters extends FaultParameters {
  readonly on: Link;
}

/** What is particular about one fault that is a toxic; the rest is the same for all. */
export interface ToxicFaultText<Parameters> {
  readonly name: string;
  readonly summary: string;
  readonly feltWhen: string;
  readonly schema: z.ZodType<Parameters>;
  /** The toxic without its name. */
  toxic(parameters: Parameters): Omit<Toxic, 'name'>;
  /** Whether the open connections are closed once, because the toxic would not reach them or not rightly. */
  readonly dropsOpen?: boolean;
  /**
   * Whether all that is sent arrives in the end. Then no look-up fails, and a link to the resolver has felt it when the
   * resolver was asked over that link.
   */
  readonly arrives?: boolean;
  /** What one exchange shows of it, as the end of the sentence "the worker …". */
  felt(exchange: Exchange, parameters: Parameters, since: number): string | undefined;
}

/**
 * A fault of a link that Toxiproxy brings about with one toxic, named after the fault. New connections meet it from their first
 * byte; open ones are reached too, or closed once where they are not.
 */
export function toxicFault<Parameters extends ToxicFaultParameters>(
  text: ToxicFaultText<Parameters>,
): Fault<Parameters> {
  const name: Toxic['name'] = `chaos-${text.name}`;
  return {
    name: text.name,
    group: 'link',
    summary: text.summary,
    feltWhen: text.feltWhen,
    healedWhen:
      'Toxiproxy has the toxic no more, and a connection over the link was accepted and stayed open',
    schema: text.schema,
    async inject(parameters, stack) {
      await addToxic(stack, parameters.on, { name, ...text.toxic(parameters) });
      if (text.dropsOpen) await dropConnections(stack, parameters.on);
    },
    felt: (parameters, stack, since, logs) =>
      text.arrives && endsOf(parameters.on).to === 'dns'
        ? askedOver(parameters.on, stack, since)
        : met(parameters.on, stack, since, logs, (exchange) => text.felt(exchange, parameters, since)),
    async recover({ on }, stack) {
      await removeToxic(stack, on, name);
      // In case it was cut off between the two halves of dropping the connections.
      await setProxyEnabled(stack, on, true);
    },
    healed: ({ on }, stack) => linkWorks(stack, on, name),
  };
}

/** Whether the process asked the resolver since `since` over the link, which carries the questions over TCP. */
async function askedOver(link: Link, stack: Stack, since: number): Promise<string | undefined> {
  const { from } = endsOf(link);
  const asked = (await stack.dns.queries(since)).find(
    (query) => query.from === from && query.transport === 'tcp',
  );
  return asked && `the ${from} asked for ${asked.name} over ${link}`;
}

/**
 * Whether a link leads to its dependency again: a connection over it is accepted, and not closed at once as it is when nobody
 * listens behind it.
 *
 * @param without a toxic that must be gone
 * @returns the observation in words, undefined if it does not
 */
export async function linkWorks(
  stack: Stack,
  link: Link,
  without?: Toxic['name'],
): Promise<string | undefined> {
  const { toxics } = await proxyOf(stack, link);
  if (toxics.some(({ name }) => name === without)) return undefined;
  const result = await tryConnect(stack.linkAddress(link));
  return result === 'open' ? `a connection over ${link} was accepted and stayed open` : undefined;
}
