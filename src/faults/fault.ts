import type { z } from 'zod';
import type { Capability } from '../stack/capabilities.ts';
import type { Stack } from '../stack/stack.ts';
import type { LogSizes } from './logged.ts';

/**
 * A fault of the catalogue: one file each, registered in `catalogue.ts`. Its life is the state machine of
 * `lifecycle.ts`: inject → wait until felt → recover → wait until healed. Every method takes the whole of what
 * it needs, so that another process can undo a fault of which it only knows name and parameters.
 */
export interface Fault<Parameters extends FaultParameters = FaultParameters> {
  /** Lower case with dashes; the name scenarios use. */
  readonly name: string;
  /** What it needs of a stack; also its section of docs/faults.md. */
  readonly group: Capability;
  /** One sentence for the catalogue: what the target sees. */
  readonly summary: string;
  /** For the catalogue: by what it is known that the process it is meant for met it. */
  readonly feltWhen: string;
  /** For the catalogue: by what it is known that it is over. */
  readonly healedWhen: string;
  /**
   * Checks the parameters of a scenario's `FaultSpec`, the name aside; unknown ones are refused. Each parameter but `on` says with
   * `.describe()` what it is, its unit and its default, for the catalogue.
   */
  readonly schema: z.ZodType<Parameters>;
  /** Makes it happen. Doing it twice is the same as doing it once. */
  inject(parameters: Parameters, stack: Stack): Promise<void>;
  /**
   * What was observed of its effect since `since` (ms since the epoch), in words; undefined: nothing yet. `logs`: how long the
   * processes' logs were just before the injection.
   */
  felt(parameters: Parameters, stack: Stack, since: number, logs: LogSizes): Promise<string | undefined>;
  /**
   * What has to be done again and again while it is active, such as restarting a process in a loop; runs from the injection on
   * and ends soon after the signal aborts, before `recover` is called.
   */
  meanwhile?(parameters: Parameters, stack: Stack, signal: AbortSignal): Promise<void>;
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
