import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

/** The name of a dependency no longer exists for one process (NXDOMAIN, so `getaddrinfo ENOTFOUND`). */
export const nameGone = zoneFault({
  name: 'name-gone',
  summary: 'does not exist for that process (NXDOMAIN).',
  told: 'was told that it does not exist',
  schema: z.strictObject({ on: namedLinkSchema }),
  answer: () => ({ kind: 'nxdomain' }),
});
