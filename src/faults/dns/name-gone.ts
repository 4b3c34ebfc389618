import { Resolver } from 'node:dns/promises';
import { z } from 'zod';
import { type Dependency, endsOf, LINKS, type Link } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { linkSchema } from '../parameters.ts';
import { dropConnections } from '../proxy.ts';

const schema = z.strictObject({
  on: linkSchema.refine((link) => endsOf(link).to !== 'dns', {
    error: 'the resolver has no name that could be gone',
  }),
});

/**
 * The name of a dependency no longer exists for one process (NXDOMAIN, so `getaddrinfo ENOTFOUND`). Open connections of the
 * link are closed once, because a connection that was opened before would hide the fault from the process.
 */
export const nameGone: Fault<z.infer<typeof schema>> = {
  name: 'name-gone',
  group: 'dns',
  summary:
    'The host name of the link does not exist for that process (NXDOMAIN); its open connections are closed once.',
  feltWhen: 'the process asked for the name and was told that it does not exist',
  healedWhen: "the name resolves again in the process's view",
  schema,
  async inject({ on }, stack) {
    const { from, name } = viewOf(on, stack);
    await stack.dns.setFault(from, name, 'nxdomain');
    await dropConnections(stack, on);
  },
  async felt({ on }, stack, since) {
    const { from, name } = viewOf(on, stack);
    const asked = (await stack.dns.queries(since)).find(
      (query) => query.from === from && query.name === name && query.answer === 'nxdomain',
    );
    return asked ? `the ${from} asked for ${name} and was told that it does not exist` : undefined;
  },
  async recover({ on }, stack) {
    const { from, name } = viewOf(on, stack);
    await stack.dns.clearFault(from, name);
  },
  async healed({ on }, stack) {
    const { from, name } = viewOf(on, stack);
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    const { host, port } = stack.linkAddress(`${from}→dns`);
    resolver.setServers([`${host}:${port}`]);
    const addresses = await resolver.resolve4(name);
    return addresses.length > 0 ? `${name} resolves again for the ${from}` : undefined;
  },
};

function viewOf(link: Link, stack: { dns: { nameOf(dependency: Exclude<Dependency, 'dns'>): string } }) {
  const { from, to } = endsOf(link);
  if (to === 'dns') throw new RangeError(`not one of ${LINKS.join(', ')}: ${link}`);
  return { from, name: stack.dns.nameOf(to) };
}
