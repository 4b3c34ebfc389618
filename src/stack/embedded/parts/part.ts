import type { Component } from '../../stack.ts';
import type { LaunchSpec, PortName, StackState } from '../state.ts';

/** What is known of one component: how it is started, and how to tell that it answers. */
export interface Part {
  readonly name: Component;
  /** The TCP ports that it must be seen to listen on. */
  readonly tcp: readonly PortName[];
  /** Its UDP ports. */
  readonly udp: readonly PortName[];
  /** The signal on which it ends in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** How long it may take until it answers, milliseconds; 60 s unless told. */
  readonly startTimeoutMs?: number;
  /** Makes its data folder and files ready; called once, before it is first started. */
  prepare?(folder: string, state: StackState): Promise<void>;
  /** Removes what a killed process left in the way of the next; called before every start. */
  clear?(folder: string): void;
  /** How it is started; ports and secrets are taken from the state. */
  launch(folder: string, state: StackState): Promise<LaunchSpec>;
  /**
   * Asks it something that only the child that was started can answer. Resolves to its version, where it tells one;
   * rejects while it does not answer.
   */
  probe(folder: string, state: StackState): Promise<string | undefined>;
}

/** How long one question of a probe may take. */
export const PROBE_TIMEOUT_MS = 5000;
