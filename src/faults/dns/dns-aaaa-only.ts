import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

const schema = z.strictObject({
  on: namedLinkSchema,
  address: z
    .ipv6()
    .default('::1')
    .describe('the IPv6 address to answer with, ::1 by default, where nothing of the stack listens'),
});

/**
 * One name has only an IPv6 address for one process, as in a zone that was moved to IPv6 by mistake: a client that asks for
 * IPv4 alone gets `getaddrinfo ENOTFOUND`, one that asks for both is refused there.
 */
export const dnsAaaaOnly = zoneFault({
  name: 'dns-aaaa-only',
  summary: 'has an IPv6 address only for that process, where nothing listens (ENOTFOUND or ECONNREFUSED).',
  told: 'was told of an IPv6 address or of none',
  schema,
  answer: ({ address }) => ({ kind: 'aaaa-only', address }),
});
