import { z } from 'zod';
import { directionSchema, linkSchema } from '../parameters.ts';
import { toxicFault } from './toxic-fault.ts';

const schema = z.strictObject({ on: linkSchema, direction: directionSchema });

/** Milliseconds without an answer that no dependency of an idle stack takes. */
const SILENCE_MS = 500;
/** BullMQ's worker asks Redis for its next job and is answered after 5 s if there is none; what was asked before counts after that. */
const LONG_SILENCE_MS = 6000;

/**
 * Nothing comes back, and nothing says so: connections stay open, new ones are accepted. How a firewall looks that drops
 * packets, or a host that has hung. When it ends, the connections it has swallowed from are closed.
 */
export const blackHole = toxicFault({
  name: 'black-hole',
  summary:
    'Connections of the link, open and new ones, stay open, but what is sent that way is swallowed; they are closed when the fault ends.',
  feltWhen:
    'the process has waited for half a second for an answer to something that it sent since (6 s for what it had sent before)',
  schema,
  toxic: ({ direction }) => ({ type: 'timeout', stream: direction, attributes: { timeout: 0 } }),
  felt({ begunAt, sent, firstAt, endedAt, seenAt }, { on }, since) {
    if (firstAt !== undefined || sent === 0) return undefined;
    const waited = (endedAt ?? seenAt) - Math.max(begunAt, since);
    if (waited < (begunAt >= since ? SILENCE_MS : LONG_SILENCE_MS)) return undefined;
    return `has waited ${(waited / 1000).toFixed(1)} s for an answer over ${on}`;
  },
});
