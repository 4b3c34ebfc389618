import { z } from 'zod';
import { directionSchema, linkSchema } from '../parameters.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({
  on: linkSchema,
  direction: directionSchema,
  bytes: z.int().min(1).max(65_536).default(64).describe('largest slice in bytes; 64 by default'),
  delayMs: z
    .int()
    .min(1)
    .max(10_000)
    .default(2)
    .describe(
      'milliseconds after each slice; 2 by default, without which the system puts them together again',
    ),
});

/** What is sent arrives in many small pieces, cut anywhere: finds code that takes one read for one message. */
export const sliced = toxicFault({
  name: 'sliced',
  summary: 'What goes that way over the link arrives in small pieces; open connections too.',
  feltWhen:
    'an answer came in pieces of less than four slices on average (downstream), or took at least half as long as the slices of what was sent (upstream)',
  schema,
  arrives: true,
  toxic: ({ direction, bytes, delayMs }) => ({
    type: 'slicer',
    stream: direction,
    attributes: { average_size: bytes, size_variation: 0, delay: delayMs * 1000 },
  }),
  felt({ begunAt, firstAt, sent, received, pieces }, { on, direction, bytes, delayMs }, since) {
    if (begunAt < since || firstAt === undefined) return undefined;
    if (direction === 'downstream') {
      if (pieces < 2 || received / pieces >= 4 * bytes) return undefined;
      return `got an answer of ${received} bytes over ${on} in ${pieces} pieces`;
    }
    const slices = Math.floor(sent / bytes);
    const took = firstAt - begunAt;
    if (slices < 2 || took < ((slices - 1) * delayMs) / 2) return undefined;
    return `waited ${took} ms until ${sent} bytes had gone over ${on} in slices`;
  },
});
