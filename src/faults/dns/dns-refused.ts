import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

/** The name server refuses to answer one process for one name (REFUSED, so `getaddrinfo EAI_AGAIN`), as one that is not responsible or is closed to the client. */
export const dnsRefused = zoneFault({
  name: 'dns-refused',
  summary: 'is answered with REFUSED for that process (EAI_AGAIN).',
  told: 'was answered with REFUSED',
  schema: z.strictObject({ on: namedLinkSchema }),
  answer: () => ({ kind: 'refused' }),
});
