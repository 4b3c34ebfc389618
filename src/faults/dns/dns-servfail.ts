import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

/** The name server fails for one name and one process (SERVFAIL, so `getaddrinfo EAI_AGAIN`), as when its own upstream is away. */
export const dnsServfail = zoneFault({
  name: 'dns-servfail',
  summary: 'is answered with SERVFAIL for that process (EAI_AGAIN).',
  told: 'was answered with SERVFAIL',
  schema: z.strictObject({ on: namedLinkSchema }),
  answer: () => ({ kind: 'servfail' }),
});
