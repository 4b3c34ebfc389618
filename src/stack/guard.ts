import type { QueuedJob } from '../langfuse/queued-jobs.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import type { Capability } from './capabilities.ts';
import type { Link } from './stack.ts';

/** When a run on a target that is not its own must stop and undo everything; what is absent never stops it. */
export interface AbortConditions {
  /** More than this share (0 to 1) of the events that were answered in the last so many milliseconds were not acknowledged. */
  readonly errorRate?: { readonly above: number; readonly over: number };
  /** More jobs than this are waiting, delayed or failed in the ingestion queues, whosesoever they are. */
  readonly queueLength?: { readonly above: number };
  /** So many milliseconds have passed since the run reached the target. */
  readonly time?: { readonly above: number };
}

/** How a request of the run's own traffic was answered. */
export interface SeenAnswer {
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** What was answered, or why nothing was. */
  readonly text: string;
}

/** What a run has to keep to on a target that is not its own, and what it can know of it from outside. */
export interface TargetGuard {
  /** Whether recovery steps may change anything; otherwise they only say what they would do. */
  readonly mayRecover: boolean;
  readonly abort: AbortConditions;
  /**
   * Called right before a fault is injected: looks how the target is without it.
   *
   * @throws ChaosError `E_NOT_ON_STACK` when the owner has not allowed it, `E_EXTERNAL_TARGET` when somebody else is at work there
   */
  beforeFault(fault: FaultSpec, needs: Capability): Promise<void>;
  /** Gives it the jobs of the run's own events to look at. */
  watchJobs(jobs: () => AsyncIterable<QueuedJob>): void;
  /** Takes note of an answer that the run's traffic got. */
  answered(answer: SeenAnswer): void;
  /** By what it is known that the process at the near end of a link meets the fault that is on there; undefined: by nothing yet. */
  met(link: Link): Promise<string | undefined>;
}
