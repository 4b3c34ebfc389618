import { z } from 'zod';
import { type AppProcess, DEPENDENCIES, endsOf, type Link, type ViewFault } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { linkSchema } from '../parameters.ts';
import { dropConnections, setProxyEnabled } from '../proxy.ts';
import { resolvesAgain } from './resolves.ts';

const schema = z.strictObject({
  on: linkSchema.refine((link) => endsOf(link).to === 'dns', {
    error: 'it hits all names at once: only a link to the resolver (web→dns, worker→dns) will do',
  }),
});

/** What is particular about one fault of a process's resolver. */
export interface ViewFaultText {
  readonly name: string;
  readonly fault: ViewFault;
  /** What the process sees, as a whole sentence. */
  readonly summary: string;
  /** The end of the sentence "the process asked for a name and …". */
  readonly told: string;
}

/**
 * A fault of the DNS server towards one process, for all names. The open connections of all its links are closed once, so
 * that it has to ask. It is felt by the server's log: the process itself asked, and what was done about it.
 */
export function viewFault({ name, fault, summary, told }: ViewFaultText): Fault<{ readonly on: Link }> {
  return {
    name,
    group: 'dns',
    summary: `${summary} The open connections of all the process's links are closed once.`,
    feltWhen: `the process asked for a name and ${told}`,
    healedWhen: 'a name resolves again for the process',
    schema,
    async inject({ on }, stack) {
      const { from } = endsOf(on);
      await stack.dns.setViewFault(from, fault);
      await Promise.all(otherLinksOf(from).map((link) => dropConnections(stack, link)));
    },
    async felt({ on }, stack, since) {
      const { from } = endsOf(on);
      const asked = (await stack.dns.queries(since)).find(
        (query) => query.from === from && query.fault === fault,
      );
      return asked ? `the ${from} asked for ${asked.name} and ${told}` : undefined;
    },
    async recover({ on }, stack) {
      const { from } = endsOf(on);
      await stack.dns.setViewFault(from, undefined);
      // In case it was cut off between the two halves of dropping the connections; no other fault may be on them meanwhile.
      await Promise.all(otherLinksOf(from).map((link) => setProxyEnabled(stack, link, true)));
    },
    healed: async ({ on }, stack) => resolvesAgain(endsOf(on).from, stack.dns.nameOf('s3'), stack),
  };
}

function otherLinksOf(from: AppProcess): Link[] {
  return DEPENDENCIES.filter((to) => to !== 'dns').map((to): Link => `${from}→${to}`);
}
