import type { Outcome, Stage, Verdict } from '../../checker/verdict.ts';
import type { CheckpointName } from '../../history/run-record.ts';
import type { EntityKind } from '../../langfuse/events.ts';

/** What must be said of an entity: an outcome, and where a copy of each missing event still was. */
export interface ExpectedFinding {
  readonly outcome: Outcome;
  /** Stage at each checkpoint from `settled` on; absent when nothing is to be missing. `heal` depends on how fast the machine is. */
  readonly stages?: Readonly<Partial<Record<CheckpointName, Stage>>>;
  /**
   * The places that must differ, for `altered`, all of them and no others; `metadata` stands for each of its keys. By kind of entity
   * where they are not the same for all. Without, any will do, but there must be one.
   */
  readonly fields?: readonly string[] | Readonly<Partial<Record<EntityKind, readonly string[]>>>;
}

/** What a verdict must say when a defect is planted; anything bad beside it is a miss. */
export interface SelfTestExpectation {
  readonly verdict: Verdict['verdict'];
  /** Codes of the verdict's reasons, all of them and no others, in any order. */
  readonly reasons: readonly string[];
  /** What must be said of each entity that the defect hit, all of it; no findings at all where outcomes are only counted. */
  readonly planted: readonly ExpectedFinding[];
  /** What may be said of entities that it did not hit. */
  readonly others?: readonly ExpectedFinding[];
  /** An outcome without findings, whose number at the last checkpoint must be that of the events that were hit. */
  readonly counted?: Outcome;
}

/** Outcomes that are said of an entity as a whole, not of each of its events. */
export const OF_ENTITIES: readonly Outcome[] = ['duplicated', 'unexpected'];

/** An expectation in a few words, for the table. */
export function describeExpectation({ planted, counted, verdict }: SelfTestExpectation): string {
  if (verdict === 'pass') return 'pass';
  const texts = planted.map(({ outcome, stages, fields }) => {
    const where = lastStage(stages) ?? (fields && [...new Set(Object.values(fields).flat())].join('/'));
    return where === undefined ? outcome : `${outcome} · ${where}`;
  });
  if (counted !== undefined) texts.push(counted);
  return `${texts.join(', ')}${verdict === 'unknown' ? ' (unknown)' : ''}`;
}

/** The stage at the last checkpoint that names one. */
export function lastStage(stages: ExpectedFinding['stages'] = {}): Stage | undefined {
  return stages['after-replay'] ?? stages['after-retry'] ?? stages.settled;
}
