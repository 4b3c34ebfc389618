import { z } from 'zod';
import { directionSchema, linkSchema } from '../parameters.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z
  .strictObject({
    on: linkSchema,
    direction: directionSchema,
    latencyMs: z
      .int()
      .min(1)
      .max(600_000)
      .default(1000)
      .describe('milliseconds that everything is held back; 1000 by default'),
    jitterMs: z
      .int()
      .nonnegative()
      .default(0)
      .describe(
        'milliseconds that it may be more or less; 0 by default, because Toxiproxy rolls its own dice, which no seed repeats',
      ),
  })
  .refine(({ latencyMs, jitterMs }) => jitterMs <= latencyMs, {
    error: 'jitterMs is above latencyMs: nothing can come before it was sent',
    path: ['jitterMs'],
  });

/** Everything arrives, but late: a far or overloaded network. */
export const latency = toxicFault({
  name: 'latency',
  summary: 'What goes that way over the link arrives late; open connections too.',
  feltWhen: 'an answer to something that the process sent since took as long as the latency, less the jitter',
  schema,
  arrives: true,
  toxic: ({ direction, latencyMs, jitterMs }) => ({
    type: 'latency',
    stream: direction,
    attributes: { latency: latencyMs, jitter: jitterMs },
  }),
  felt({ begunAt, firstAt }, { on, latencyMs, jitterMs }, since) {
    const took = (firstAt ?? 0) - begunAt;
    if (begunAt < since || took < Math.max(1, latencyMs - jitterMs - 2)) return undefined;
    return `waited ${took} ms for an answer over ${on}`;
  },
});
