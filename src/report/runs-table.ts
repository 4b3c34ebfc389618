import type { Verdict } from '../checker/verdict.ts';
import { formatDuration, printable } from './format.ts';
import { tableText } from './table-text.ts';
import { VERDICT_WORDS } from './words.ts';

/** One run of several, for the table at the end. */
export interface RunRow {
  readonly scenario: string;
  /** Absent when the run could not be carried out. */
  readonly verdict?: Verdict['verdict'];
  /** The verdict that Langfuse v3.36.0 gets. */
  readonly expected: 'pass' | 'fail';
  /** Whether the verdict is the expected one, for the expected reasons, and every expectation held. */
  readonly asExpected: boolean;
  /** Expectations that did not hold. */
  readonly missed: number;
  readonly tookMs: number;
}

/** What became of each run of a command, and how many ended as expected. */
export function renderRunsTable(rows: readonly RunRow[]): string {
  const lines = rows.map(({ scenario, verdict, expected, asExpected, missed, tookMs }) => [
    printable(scenario),
    verdict ? `${VERDICT_WORDS[verdict].sign} ${verdict}` : '! error',
    expected,
    asExpected
      ? 'as expected'
      : missed > 0
        ? `${missed} ${missed === 1 ? 'expectation' : 'expectations'} missed`
        : verdict === expected
          ? 'for another reason'
          : 'not as expected',
    formatDuration(tookMs),
  ]);
  const good = rows.filter(({ asExpected }) => asExpected).length;
  const head = ['scenario', 'verdict', 'v3.36.0', '', 'time'];
  return `${tableText([head, ...lines], [4])}${good} of ${rows.length} as expected of v3.36.0\n`;
}
