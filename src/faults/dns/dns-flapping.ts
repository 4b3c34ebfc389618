import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

const schema = z.strictObject({
  on: namedLinkSchema,
  periodMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(500)
    .describe('milliseconds that the name is gone, and then is there, and so on; 500 by default'),
});

/**
 * One name of one process comes and goes: NXDOMAIN first, then the right address, each for a period. A connection that was opened while it was
 * there would hide the next time from the process, so all are closed each time it goes.
 */
export const dnsFlapping = zoneFault({
  name: 'dns-flapping',
  summary: 'does not exist and exists for that process by turns (NXDOMAIN first).',
  told: 'was told that it does not exist',
  schema,
  answer: ({ periodMs }) => ({ kind: 'flapping', periodMs }),
  cutEveryMs: ({ periodMs }) => 2 * periodMs,
});
