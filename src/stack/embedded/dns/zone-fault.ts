import { z } from 'zod';
import { VIEW_FAULTS } from '../../stack.ts';

/** Milliseconds; an hour at most. */
const milliseconds = z.int().min(1).max(3_600_000);

/** Checks a `ZoneFault` that came over the control interface. */
export const zoneFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['nxdomain', 'servfail', 'refused', 'empty', 'silent']) }),
  z.strictObject({ kind: z.literal('slow'), delayMs: milliseconds }),
  z.strictObject({ kind: z.literal('address'), address: z.ipv4() }),
  z.strictObject({ kind: z.literal('flapping'), periodMs: milliseconds }),
  z.strictObject({ kind: z.literal('aaaa-only'), address: z.ipv6() }),
]);

/** Checks a `ViewFault` that came over the control interface. */
export const viewFaultSchema = z.enum(VIEW_FAULTS);
