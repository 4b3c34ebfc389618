import { tableText } from '../../report/table-text.ts';
import type { SelfTestResult } from './run-case.ts';

/** Most misses of one defect that are printed. */
const MOST_MISSES = 5;

/**
 * The results as a table, a line for each defect, below it what was wrong about each miss, and last how many were named
 * rightly.
 *
 * @param place a folder's path as the reader would name it
 */
export function renderTable(
  results: readonly SelfTestResult[],
  seconds: number,
  place: (folder: string) => string,
): string {
  const cells = [
    ['', 'defect', 'what was planted', 'expected', 'the verdict said'],
    ...results.map(({ misses, defect, what, expected, said }) => [
      misses.length === 0 ? '✓' : '✗',
      defect,
      what,
      expected,
      said,
    ]),
  ];
  const right = results.filter(({ misses }) => misses.length === 0).length;
  const misses = results
    .filter((result) => result.misses.length > 0)
    .flatMap((result) => missLines(result, place));
  const sum = `${right} of ${results.length} named with the right outcome and stage, in ${seconds} s`;
  return `${tableText(cells)}\n${[...misses, sum].join('\n')}\n`;
}

function missLines({ defect, misses, folder }: SelfTestResult, place: (folder: string) => string): string[] {
  const shown = misses.slice(0, MOST_MISSES).map((miss) => `  ${miss}`);
  if (misses.length > MOST_MISSES) shown.push(`  and ${misses.length - MOST_MISSES} more`);
  if (folder !== undefined) shown.push(`  run folder: ${place(folder)}`);
  return [`✗ ${defect}`, ...shown, ''];
}
