import { z } from 'zod';
import { directionSchema, linkSchema } from '../parameters.ts';
import { endText, wasEnded } from './met.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({
  on: linkSchema,
  direction: directionSchema,
  bytes: z
    .int()
    .min(1)
    .default(1000)
    .describe(
      'bytes that each connection carries that way before it is closed; 1000 by default, which is in the middle of an INSERT of a few rows',
    ),
});

/**
 * Each connection is closed after so many bytes: an INSERT, an answer or a listing is cut in the middle. Open connections are
 * closed once, so that the bytes of all are counted from their first.
 */
export const cutAfter = toxicFault({
  name: 'cut-after',
  summary: 'Open connections of the link are closed; new ones are closed after so many bytes that way.',
  feltWhen:
    'a connection of the process was closed by the other side with so many bytes sent (upstream) or received (downstream)',
  schema,
  dropsOpen: true,
  toxic: ({ direction, bytes }) => ({ type: 'limit_data', stream: direction, attributes: { bytes } }),
  felt(exchange, { on, direction, bytes }, since) {
    const { openedAt, sentInAll, receivedInAll } = exchange;
    if (openedAt < since || !wasEnded(exchange, since)) return undefined;
    if (direction === 'downstream') {
      if (receivedInAll !== bytes) return undefined;
      return `got ${receivedInAll} bytes over ${on}, and ${endText(exchange)}`;
    }
    return sentInAll >= bytes ? `sent ${sentInAll} bytes over ${on}, and ${endText(exchange)}` : undefined;
  },
});
