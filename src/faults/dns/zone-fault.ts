import type { z } from 'zod';
import { systemClock } from '../../base/clock.ts';
import {
  type AppProcess,
  type Dependency,
  endsOf,
  type Link,
  type Stack,
  type ZoneFault,
} from '../../stack/stack.ts';
import type { Fault, FaultParameters } from '../fault.ts';
import { linkSchema } from '../parameters.ts';
import { dropConnections, setProxyEnabled } from '../proxy.ts';
import { resolvesAgain } from './resolves.ts';

/** A link to something that has a name: all but the resolver itself. */
export const namedLinkSchema = linkSchema.refine((link) => endsOf(link).to !== 'dns', {
  error: 'the resolver has no name that could be hit; name the link to what the process looks for',
});

/** What is particular about one fault of a name; the rest is the same for all. */
export interface ZoneFaultText<Parameters> {
  readonly name: string;
  /** What the process sees instead of the address; the end of the sentence "The host name of the link …". */
  readonly summary: string;
  /** The end of the sentence "the process asked for the name and …". */
  readonly told: string;
  readonly schema: z.ZodType<Parameters>;
  /** What the DNS server is to answer. */
  answer(parameters: Parameters): ZoneFault;
  /** Milliseconds after which the open connections are closed again, and so on; once only unless told. */
  cutEveryMs?(parameters: Parameters): number;
}

/**
 * A fault of the DNS server's answers for one name to one process. Open connections of the link are closed once, because a
 * connection that was opened before would hide the fault from the process. It is felt by the server's log: the process itself
 * asked and got the answer.
 */
export function zoneFault<Parameters extends FaultParameters & { readonly on: Link }>(
  text: ZoneFaultText<Parameters>,
): Fault<Parameters> {
  return {
    name: text.name,
    group: 'dns',
    summary: `The host name of the link ${text.summary} Its open connections are closed ${text.cutEveryMs ? 'each time' : 'once'}.`,
    feltWhen: `the process asked for the name and ${text.told}`,
    healedWhen: "the name resolves again in the process's view",
    schema: text.schema,
    async inject(parameters, stack) {
      const { from, name } = nameOf(parameters.on, stack);
      await stack.dns.setFault(from, name, text.answer(parameters));
      await dropConnections(stack, parameters.on);
    },
    async meanwhile(parameters, stack, signal) {
      if (!text.cutEveryMs) return;
      for (;;) {
        await systemClock.sleep(text.cutEveryMs(parameters), signal).catch(() => {});
        if (signal.aborted) return;
        await dropConnections(stack, parameters.on);
      }
    },
    async felt(parameters, stack, since) {
      const { from, name } = nameOf(parameters.on, stack);
      const { kind } = text.answer(parameters);
      const asked = (await stack.dns.queries(since)).some(
        (query) => query.from === from && query.name === name && query.fault === kind,
      );
      return asked ? `the ${from} asked for ${name} and ${text.told}` : undefined;
    },
    async recover({ on }, stack) {
      const { from, name } = nameOf(on, stack);
      await stack.dns.clearFault(from, name);
      // In case it was cut off between the two halves of dropping the connections.
      await setProxyEnabled(stack, on, true);
    },
    async healed({ on }, stack) {
      const { from, name } = nameOf(on, stack);
      return resolvesAgain(from, name, stack);
    },
  };
}

/** Which process asks for which name over a link that its schema has let through. */
export function nameOf(link: Link, stack: Pick<Stack, 'dns'>): { from: AppProcess; name: string } {
  const { from, to } = endsOf(link);
  return { from, name: stack.dns.nameOf(to as Exclude<Dependency, 'dns'>) };
}
