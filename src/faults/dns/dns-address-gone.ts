import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

const schema = z.strictObject({
  on: namedLinkSchema,
  address: z
    .ipv4()
    .startsWith('127.', 'a loopback address: no other host may be called by mistake')
    .default('127.86.86.86')
    .describe('the IPv4 loopback address to answer with, 127.86.86.86 by default, where nothing listens'),
});

/** One name leads one process to a host that is gone, as after a failover that the zone does not know of yet: connections are refused. */
export const dnsAddressGone = zoneFault({
  name: 'dns-address-gone',
  summary: 'leads that process to an address where nothing listens (ECONNREFUSED).',
  told: 'was told the address of a host that is gone',
  schema,
  answer: ({ address }) => ({ kind: 'address', address }),
});
