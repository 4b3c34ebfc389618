import { OUTCOMES, STAGES } from '../../checker/verdict.ts';
import { formatCount } from '../format.ts';
import { isBad } from '../outcome-table.ts';
import { CHECKPOINT_WORDS, OUTCOME_WORDS, STAGE_WORDS } from '../words.ts';
import { ALL_BACK, INDETERMINATE, NOT_IN_TIME, timeText } from './compare.ts';
import { missingIn, notInTime, type RunFigures, settled } from './figures.ts';
import type { ComparedScenario } from './report.ts';

/** A figure of both runs, as text. */
export interface Row {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Of the second beside the first: by its limit, or as it stands. */
  readonly tone: 'better' | 'worse' | 'changed' | 'same';
}

/** Rows under a heading. */
export interface RowGroup {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The figures of two runs, side by side, in groups; what is 0 in both is left out where many things could be. */
export function rowGroups(compared: ComparedScenario): RowGroup[] {
  const [from, to] = [compared.from.figures, compared.to.figures];
  if (!from || !to) return [];
  const row = (name: string, before: string | undefined, after: string | undefined, measure = name): Row => {
    const isIn = (differences: ComparedScenario['worse']) => differences.some(({ what }) => what === measure);
    const tone = isIn(compared.worse)
      ? 'worse'
      : isIn(compared.better)
        ? 'better'
        : before === after
          ? 'same'
          : 'changed';
    return { name, from: before ?? '–', to: after ?? '–', tone };
  };
  const count = (value: number | undefined) => (value === undefined ? undefined : formatCount(value));
  const figure = (name: string, of: (figures: RunFigures) => number | undefined, measure = name) =>
    row(name, count(of(from)), count(of(to)), measure);
  const occurs = ({ from: before, to: after }: Row) =>
    !['0', '–'].includes(before) || !['0', '–'].includes(after);
  const groups: RowGroup[] = [
    {
      title: 'In the end',
      rows: [
        row('verdict', from.verdict, to.verdict),
        ...OUTCOMES.map((outcome) =>
          figure(OUTCOME_WORDS[outcome].label, ({ outcomes }) => outcomes[outcome]),
        ).filter((each, index) => occurs(each) || OUTCOMES[index] === 'lost'),
      ],
    },
    {
      title: 'By itself',
      rows: [
        figure('missing settled', (figures) => {
          const at = settled(figures);
          return at && missingIn(at);
        }),
        figure('blind loss', (figures) => settled(figures)?.blindLoss),
        figure('failed jobs', (figures) => settled(figures)?.failedJobs),
        figure(NOT_IN_TIME, notInTime),
        row('at rest by itself after', timeOf(from.atRestAfter), timeOf(to.atRestAfter)),
        row(ALL_BACK, timeOf(from.allBackAfter), timeOf(to.allBackAfter)),
      ],
    },
  ];
  for (const { name } of longer(from, to).checkpoints) {
    const at = (figures: RunFigures) => figures.checkpoints.find((checkpoint) => checkpoint.name === name);
    const rows = [
      ...STAGES.map((stage) =>
        figure(`missing, ${STAGE_WORDS[stage].label}`, (each) => at(each)?.missing[stage]),
      ),
      figure('blind loss', (each) => at(each)?.blindLoss, `blind loss at ${name}`),
      figure('failed jobs', (each) => at(each)?.failedJobs, `failed jobs at ${name}`),
    ].filter(occurs);
    if (rows.length > 0) groups.push({ title: `Checkpoint: ${CHECKPOINT_WORDS[name]}`, rows });
  }
  const answers = [
    ...new Set([...Object.keys(from.traffic.answers), ...Object.keys(to.traffic.answers)]),
  ].sort();
  groups.push({
    title: 'Requests of the traffic by their answer',
    rows: [
      ...answers.map((answer) => figure(answer, ({ traffic }) => traffic.answers[answer] ?? 0)),
      figure('events acknowledged', ({ acknowledged }) => acknowledged),
      figure('events refused', ({ refused }) => refused, OUTCOME_WORDS.refused.label),
      figure('events indeterminate', ({ indeterminate }) => indeterminate, INDETERMINATE),
    ],
  });
  return groups;
}

/** The row for the table of all scenarios: the figures that tell the story, each as `before → after`. */
export function summaryFigures({ from, to }: ComparedScenario): readonly { name: string; text: string }[] {
  const figure = (name: string, of: (figures: RunFigures) => number | undefined) => {
    const shown = (figures: RunFigures | undefined) => {
      const value = figures && of(figures);
      return value === undefined ? '–' : formatCount(value);
    };
    return { name, text: arrow(shown(from.figures), shown(to.figures)) };
  };
  return [
    figure('lost', ({ outcomes }) => outcomes.lost),
    figure('wrong', ({ outcomes }) =>
      OUTCOMES.filter((outcome) => outcome !== 'lost' && isBad(outcome)).reduce(
        (sum, each) => sum + outcomes[each],
        0,
      ),
    ),
    figure('blind', (figures) => settled(figures)?.blindLoss),
    figure('missing', (figures) => {
      const at = settled(figures);
      return at && missingIn(at);
    }),
    figure(NOT_IN_TIME, notInTime),
    figure('failed jobs', (figures) => settled(figures)?.failedJobs),
    {
      name: ALL_BACK,
      text: arrow(timeOf(from.figures?.allBackAfter) ?? '–', timeOf(to.figures?.allBackAfter) ?? '–'),
    },
  ];
}

/** What the short names of {@link summaryFigures} mean. */
export const SUMMARY_LEGEND =
  'lost and wrong: in the end. Blind, missing and failed jobs: once the target had come to rest by itself. Not in time: late, brought back or lost. All back: from the end of the last fault or of the traffic until nothing was missing, recovery steps included.';

/** One figure where both are alike, or both with an arrow. */
export function arrow(from: string, to: string): string {
  return from === to ? from : `${from} → ${to}`;
}

function timeOf(time: number | 'never' | undefined): string | undefined {
  if (time === undefined) return undefined;
  return timeText(time === 'never' ? Number.POSITIVE_INFINITY : time);
}

function longer(from: RunFigures, to: RunFigures): RunFigures {
  return from.checkpoints.length >= to.checkpoints.length ? from : to;
}
