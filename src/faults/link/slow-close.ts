import { z } from 'zod';
import { endsOf } from '../../stack/stack.ts';
import { linkSchema } from '../parameters.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({
  on: linkSchema.refine((link) => endsOf(link).to !== 'dns', {
    error: 'the resolver ends no connection that the process would wait for',
  }),
  delayMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(2000)
    .describe(
      'milliseconds between the end of a connection at the dependency and its end at the process; 2000 by default',
    ),
});

/**
 * The process learns late that the dependency has closed a connection: meanwhile it may go on sending into a connection that
 * nobody reads. Only this way round: when the process closes, it does not wait for anyone.
 */
export const slowClose = toxicFault({
  name: 'slow-close',
  summary:
    'When the dependency closes a connection of the link, the process sees it late; open connections too.',
  feltWhen:
    'a connection that the dependency closed since ended later than the delay after the injection, or the process waited that long for the end of one that it had closed itself',
  schema,
  toxic: ({ delayMs }) => ({ type: 'slow_close', stream: 'downstream', attributes: { delay: delayMs } }),
  felt({ end, endedAt = 0, closingMs = 0 }, { on, delayMs }, since) {
    if (endedAt < since + delayMs * 0.9) return undefined;
    if (closingMs >= delayMs * 0.9) return `waited ${closingMs} ms for the end of a connection over ${on}`;
    // Every end goes through the toxic, so one that comes so late was held back.
    if (end !== 'remote') return undefined;
    return `saw a connection over ${on} end, ${((endedAt - since) / 1000).toFixed(1)} s after the injection`;
  },
});
