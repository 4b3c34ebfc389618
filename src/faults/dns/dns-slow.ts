import { z } from 'zod';
import { namedLinkSchema, zoneFault } from './zone-fault.ts';

const schema = z.strictObject({
  on: namedLinkSchema,
  delayMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(2000)
    .describe(
      'milliseconds before each answer, 2000 by default; above 5000 most resolvers have given up by then',
    ),
});

/** Questions for one name of one process are answered rightly, but late: every new connection costs that much more. */
export const dnsSlow = zoneFault({
  name: 'dns-slow',
  summary: 'is answered late for that process.',
  told: 'was answered late',
  schema,
  answer: ({ delayMs }) => ({ kind: 'slow', delayMs }),
});
