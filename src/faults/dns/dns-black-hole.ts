import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

/** Questions for one name of one process are never answered over TCP, where the answers are; it gets `getaddrinfo EAI_AGAIN` when its resolver gives up, by default after 2 times 5 s. */
export const dnsBlackHole = zoneFault({
  name: 'dns-black-hole',
  summary: 'is never answered for that process (EAI_AGAIN after its resolver has given up, 10 s by default).',
  told: 'was not answered',
  schema: z.strictObject({ on: namedLinkSchema }),
  answer: () => ({ kind: 'silent' }),
});
