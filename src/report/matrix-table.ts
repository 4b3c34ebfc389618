import { formatCount, printable } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { tableText } from './table-text.ts';

/** One run of a matrix of settings, as a row. A figure is absent when the run did not come that far. */
export interface MatrixRow {
  readonly scenario: string;
  /** The varied settings: `worker.NAME` → value. */
  readonly settings: Readonly<Record<string, string>>;
  readonly verdict: string;
  /** Events lost when the target had come to rest by itself. */
  readonly lost?: number;
  /** Of those, what no queue length shows. */
  readonly blindLoss?: number;
  /** Events lost after the failed jobs were retried, and after the replay from S3. */
  readonly lostAfterRetry?: number;
  readonly lostAfterReplay?: number;
  /** Failed jobs when the target had come to rest. */
  readonly failedSet?: number;
  /** Seconds from the end of the traffic until the target had come to rest. */
  readonly secondsUntilSettled?: number;
}

/** The figures of one judged run. */
export function matrixFigures({ run, verdict }: JudgedRun): Omit<MatrixRow, 'scenario' | 'settings'> {
  const at = (name: string) => verdict.checkpoints.find((checkpoint) => checkpoint.name === name);
  const settled = at('settled');
  const rest = run.phases.findLast(({ name }) => name === 'settle')?.endedAt;
  const trafficEnd = run.traffic?.endedAt;
  const figures = {
    lost: settled?.outcomes.lost,
    blindLoss: settled?.blindLoss,
    lostAfterRetry: at('after-retry')?.outcomes.lost,
    lostAfterReplay: at('after-replay')?.outcomes.lost,
    failedSet: settled?.failedSet,
    secondsUntilSettled:
      rest === undefined || trafficEnd === undefined ? undefined : Math.round((rest - trafficEnd) / 100) / 10,
  };
  const known = Object.entries(figures).filter(([, figure]) => figure !== undefined);
  return { verdict: verdict.verdict, ...Object.fromEntries(known) };
}

/** The rows as a table: a column for each varied setting, then the figures. */
export function renderMatrix(rows: readonly MatrixRow[]): string {
  const names = [...new Set(rows.flatMap(({ settings }) => Object.keys(settings)))];
  const several = new Set(rows.map(({ scenario }) => scenario)).size > 1;
  const figure = (value: number | undefined) => (value === undefined ? '–' : formatCount(value));
  const lines = rows.map((row) => [
    ...(several ? [printable(row.scenario)] : []),
    ...names.map((name) => printable(row.settings[name] ?? '')),
    row.verdict,
    figure(row.lost),
    figure(row.blindLoss),
    figure(row.lostAfterRetry),
    figure(row.lostAfterReplay),
    figure(row.failedSet),
    row.secondsUntilSettled === undefined ? '–' : `${row.secondsUntilSettled.toFixed(1)} s`,
  ]);
  // The names are long and alike: they stand above, numbered, so that the table stays narrow.
  const legend = names.map((name, index) => `[${index + 1}] ${printable(name)}\n`).join('');
  const head = [
    ...(several ? ['scenario'] : []),
    ...names.map((_, index) => `[${index + 1}]`),
    'verdict',
    'lost settled',
    'blind',
    'after retry',
    'after replay',
    'failed set',
    'settled in',
  ];
  const first = head.indexOf('verdict') + 1;
  const right = head.map((_, column) => column).filter((column) => column >= first);
  return legend + tableText([head, ...lines], right);
}
