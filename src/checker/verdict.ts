import type { CheckpointName } from '../history/run-record.ts';
import type { EntityKey, EventType } from '../langfuse/events.ts';
import type { Outcome, Stage } from '../scenario/outcomes.ts';

export { BAD_OUTCOMES, OUTCOMES, type Outcome, STAGES, type Stage } from '../scenario/outcomes.ts';

/** One field that landed with content its entity's events don't allow. */
export interface FieldDifference {
  readonly field: string;
  /** Stored value, as JSON text cut at 200 characters. */
  readonly stored: string;
  /** What was allowed, as JSON texts cut at 200 characters. */
  readonly allowed: readonly string[];
}

/**
 * One event (or, for `duplicated` and `unexpected`, one entity) worth a line in the report: every bad outcome, and every acknowledged event that was
 * missing at the settled checkpoint or a later one, even if recovery brought it back.
 */
export interface Finding {
  readonly outcome: Outcome;
  readonly entity: EntityKey;
  /** Envelope id; absent for what was never sent. */
  readonly eventId?: string;
  readonly type?: EventType;
  readonly request?: number;
  readonly sentAt?: number;
  /** Stage at each checkpoint where the event was missing. */
  readonly stages: Readonly<Partial<Record<CheckpointName, Stage>>>;
  readonly differences?: readonly FieldDifference[];
  /** Further facts in words, for example the rows' dates of a doubled entity. */
  readonly note?: string;
}

/** How things stood at one checkpoint, as if it had been the last. */
export interface CheckpointSummary {
  readonly name: CheckpointName;
  readonly at: number;
  /**
   * Every event under exactly one outcome, and beside them the entities that were duplicated or unexpected;
   * outcomes that did not occur are 0.
   */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Acknowledged events that are missing, by stage. */
  readonly missing: Readonly<Record<Stage, number>>;
  /**
   * Missing events that neither the failed set nor the queue holds: loss that no queue length shows. Not judged at the
   * checkpoint `heal`, where they may still be in the worker's memory: there it is always 0, and the reports show `–`.
   */
  readonly blindLoss: number;
  /** Failed jobs at that moment. */
  readonly failedSet: number;
}

/** Why a verdict is what it is; each reason alone would make the verdict at least this bad. */
export interface Reason {
  readonly verdict: 'fail' | 'unknown';
  /** Stable short name: `lost`, `altered`, `fault-not-felt`, `not-settled`, `nothing-happened`, `expectation`, … */
  readonly code: string;
  readonly text: string;
}

/** One expectation of the scenario and whether it held. */
export interface ExpectationResult {
  readonly text: string;
  readonly held: boolean;
  /** What was seen. */
  readonly seen: string;
  /** `must`: a miss fails the run. `shows`: a weakness of v3.36.0 that the scenario reproduces; a miss is said, but is no fault of the target's. */
  readonly kind: 'must' | 'shows';
}

/** The whole of `verdict.json`. */
export interface Verdict {
  /** Version of this format; its JSON Schema is `docs/verdict.schema.json`. */
  readonly version: 1;
  readonly run: string;
  readonly scenario: string;
  readonly seed: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  /** One sentence that explains it. */
  readonly sentence: string;
  readonly reasons: readonly Reason[];
  readonly counts: {
    readonly requests: number;
    readonly events: number;
    readonly entities: number;
    readonly acknowledged: number;
    readonly refused: number;
    readonly indeterminate: number;
  };
  readonly checkpoints: readonly CheckpointSummary[];
  readonly expectations: readonly ExpectationResult[];
  /** The worst first, at most 10,000. */
  readonly findings: readonly Finding[];
  /** How many more findings there are than are listed; absent when all are. `checkpoints` counts all of them. */
  readonly findingsLeftOut?: number;
}
