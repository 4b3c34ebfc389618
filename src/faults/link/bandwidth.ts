import { z } from 'zod';
import { directionSchema, linkSchema } from '../parameters.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({
  on: linkSchema,
  direction: directionSchema,
  kilobytesPerSecond: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe('kilobytes (1000 bytes) a second for each connection; 10 by default'),
});

/** Below this the process could not tell the limit from any other delay, milliseconds. */
const NOTICEABLE_MS = 20;

/** Each connection carries so many kilobytes a second and no more. */
export const bandwidth = toxicFault({
  name: 'bandwidth',
  summary: 'Each connection of the link carries only so much a second that way; open connections too.',
  feltWhen:
    'an exchange that the process began since took at least as long as its bytes need at that rate, and that 20 ms or more',
  schema,
  arrives: true,
  toxic: ({ direction, kilobytesPerSecond }) => ({
    type: 'bandwidth',
    stream: direction,
    attributes: { rate: kilobytesPerSecond },
  }),
  felt({ begunAt, firstAt, lastAt, sent, received }, { on, direction, kilobytesPerSecond }, since) {
    if (begunAt < since || firstAt === undefined || lastAt === undefined) return undefined;
    const bytes = direction === 'upstream' ? sent : received;
    const took = (direction === 'upstream' ? firstAt : lastAt) - begunAt;
    // A kilobyte a second is a byte a millisecond. Toxiproxy makes up for pauses within a connection, hence the tolerance.
    const needed = Math.max(NOTICEABLE_MS, (bytes / kilobytesPerSecond) * 0.8);
    if (bytes / kilobytesPerSecond < NOTICEABLE_MS || took < needed) return undefined;
    return `needed ${took} ms for ${bytes} bytes ${direction === 'upstream' ? 'to' : 'from'} the far end of ${on}`;
  },
});
