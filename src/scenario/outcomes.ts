/**
 * What a checker can say of an event. The names lie here so that a scenario which expects one of them is checked when it is loaded, and
 * not only when its run is judged.
 */

/** What became of one event. The words are defined in `docs/concepts.md`. */
export const OUTCOMES = [
  'ok',
  'late',
  'recovered-by-retry',
  'recovered-by-replay',
  'lost',
  'vanished',
  'altered',
  'duplicated',
  'leaked',
  'unexpected',
  'refused',
  'indeterminate-landed',
  'indeterminate-not-landed',
  'absent-by-design',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes that are a fault of the target and fail a run. */
export const BAD_OUTCOMES = [
  'lost',
  'vanished',
  'altered',
  'duplicated',
  'leaked',
  'unexpected',
] as const satisfies readonly Outcome[];

/**
 * Codes of a verdict's reasons that a scenario can name as those for which Langfuse v3.36.0 fails it: the bad outcomes, and a doubt that
 * a scenario raises itself by sending different events under one id.
 */
export const NAMED_REASONS = [...BAD_OUTCOMES, 'event-id-reused'] as const;
export type NamedReason = (typeof NAMED_REASONS)[number];

/** The last stage of the pipeline that still holds a copy of a missing event. */
export const STAGES = ['not-in-s3', 's3-only', 'queued', 'failed-set', 'clickhouse-hidden'] as const;
export type Stage = (typeof STAGES)[number];
