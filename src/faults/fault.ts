import type { z } from 'zod';
import type { Stack } from '../stack/stack.ts';

/**
 * A fault of the catalogue: one file each, registered in `catalogue.ts`. Its life is the state machine of
 * `lifecycle.ts`: inject → wait until felt → recover → wait until healed. Every method takes the whole of what
 * it needs, so that another process can undo a fault of which it only knows name and parameters.
 */
export interface Fault<Parameters extends FaultParameters = FaultParameters> {
  /** Lower case with dashes; the name scenarios use. */
  readonly name: string;
  /** One sentence for the catalogue: what the target sees. */
  readonly summary: string;
  /** Checks the parameters of a scenario's `FaultSpec`, the name aside; unknown ones are refused. */
  readonly schema: z.ZodType<Parameters>;
  /** Makes it happen. Doing it twice is the same as doing it once. */
  inject(parameters: Parameters, stack: Stack): Promise<void>;
  /** What was observed of its effect since `since` (ms since the epoch), in words; undefined: nothing yet. */
  felt(parameters: Parameters, stack: Stack, since: number): Promise<string | undefined>;
  /** Undoes it. Doing it twice, or without an injection, does no harm. */
  recover(parameters: Parameters, stack: Stack): Promise<void>;
  /** What was observed of the target working again, in words; undefined: not yet. */
  healed(parameters: Parameters, stack: Stack): Promise<string | undefined>;
}

/** What every fault's parameters have in common. */
export interface FaultParameters {
  /** What it hits: a link such as `worker→clickhouse`, or a component such as `worker`. */
  readonly on: string;
  readonly [parameter: string]: unknown;
}
