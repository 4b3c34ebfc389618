import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

/** The name exists for one process but has no address (NOERROR without a record; Node makes `getaddrinfo ENOTFOUND` of that too). */
export const dnsEmpty = zoneFault({
  name: 'dns-empty',
  summary: 'has no address for that process (NOERROR without a record, ENOTFOUND).',
  told: 'was told that it has no address',
  schema: z.strictObject({ on: namedLinkSchema }),
  answer: () => ({ kind: 'empty' }),
});
