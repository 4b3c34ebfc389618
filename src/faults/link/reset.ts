import { z } from 'zod';
import { directionSchema, linkSchema } from '../parameters.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({ on: linkSchema, direction: directionSchema });

/**
 * Connections are reset (TCP RST, `ECONNRESET`) at the first data that goes that way. Toxiproxy can reset only connections that
 * are opened after the toxic was set, so the open ones are closed once.
 */
export const reset = toxicFault({
  name: 'reset',
  summary:
    'Open connections of the link are closed; new ones are reset (ECONNRESET) as soon as data goes that way.',
  feltWhen: 'a connection that the process opened since ended with ECONNRESET or EPIPE',
  schema,
  dropsOpen: true,
  toxic: ({ direction }) => ({ type: 'reset_peer', stream: direction, attributes: { timeout: 0 } }),
  // Of one that was opened since: the closing of the open ones may look the same.
  felt: ({ openedAt, end }, { on }, since) =>
    openedAt >= since && (end === 'ECONNRESET' || end === 'EPIPE') ? `got ${end} over ${on}` : undefined,
});
