import { BAD_OUTCOMES, OUTCOMES, type Outcome, STAGES, type Verdict } from '../checker/verdict.ts';
import { formatCount } from './format.ts';
import { OUTCOME_WORDS, STAGE_WORDS } from './words.ts';

/** One row of the table that every report shows: a count at each checkpoint. */
export interface OutcomeRow {
  readonly label: string;
  readonly meaning: string;
  /** `outcome` and `stage` rows count events; `figure` rows are blind loss and the failed set. */
  readonly group: 'outcome' | 'stage' | 'figure';
  /** True when anything but 0 is a fault of the target or hides one. */
  readonly bad: boolean;
  /** One value per checkpoint of the verdict, in its order; undefined where it was not judged. */
  readonly values: readonly (number | undefined)[];
}

/** A value as every report writes it: `–` where it was not judged. */
export function formatValue(value: number | undefined): string {
  return value === undefined ? '–' : formatCount(value);
}

/** True for an outcome that fails a run. */
export function isBad(outcome: Outcome): boolean {
  return (BAD_OUTCOMES as readonly Outcome[]).includes(outcome);
}

/**
 * The rows of the table of outcomes per checkpoint: what occurred at any checkpoint, and `ok` and `lost` in any
 * case, because their 0 is news; then missing events by stage, blind loss and the failed set.
 */
export function outcomeRows(verdict: Verdict): OutcomeRow[] {
  const { checkpoints } = verdict;
  const outcomes: OutcomeRow[] = OUTCOMES.map((outcome) => ({
    ...OUTCOME_WORDS[outcome],
    group: 'outcome',
    bad: isBad(outcome),
    values: checkpoints.map(({ name, outcomes }) =>
      // What is absent at heal may be on its way: the stages below say where it is.
      outcome === 'lost' && name === 'heal' ? undefined : outcomes[outcome],
    ),
  }));
  const stages: OutcomeRow[] = STAGES.map((stage) => ({
    ...STAGE_WORDS[stage],
    group: 'stage',
    bad: false,
    values: checkpoints.map((checkpoint) => checkpoint.missing[stage]),
  }));
  const occurred = (row: OutcomeRow) => row.values.some((value) => value !== 0);
  return [
    ...outcomes.filter((row) => occurred(row) || row.label === 'ok' || row.label === 'lost'),
    ...stages.filter(occurred),
    {
      label: 'blind loss',
      meaning: 'missing events that neither the failed set nor the queue holds: no queue length shows them',
      group: 'figure',
      bad: true,
      // The verdict says 0 at heal, where they may still be in the worker's memory; beside the missing events a 0 reads as wrong.
      values: checkpoints.map(({ name, blindLoss }) => (name === 'heal' ? undefined : blindLoss)),
    },
    {
      label: 'failed jobs',
      meaning: 'length of the failed set of the ingestion queue',
      group: 'figure',
      bad: false,
      values: checkpoints.map((checkpoint) => checkpoint.failedSet),
    },
  ];
}
