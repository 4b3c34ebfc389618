import type { z } from 'zod';
import type { Random } from '../../base/random.ts';
import type { PlannedRequest } from '../request.ts';

/**
 * One kind of odd traffic: events that a client may well send and that are known to be lost, doubled, mixed up or to take
 * others along. One file each, registered in `catalogue.ts`. Its events are events of the run like all others,
 * recorded in the history and judged.
 */
export interface OddTraffic<Parameters = Readonly<Record<string, unknown>>> {
  /** Lower case with dashes; the name scenarios use. */
  readonly name: string;
  /** One sentence for the catalogue: what is sent, and what v3.36.0 makes of it. */
  readonly summary: string;
  /** Checks the parameters; each says with `.describe()` what it is, its unit and its default. */
  readonly schema: z.ZodType<Parameters>;
  /** The requests, in the order of their due times, counted from the moment of the step. */
  make(parameters: Parameters, context: OddContext): readonly PlannedRequest[];
}

/** What odd traffic is made from; nothing else may be random. */
export interface OddContext {
  readonly random: Random;
  /** The number of the next mark (see `langfuse/mark.ts`); no other event of the run has it. */
  nextMark(): number;
}
