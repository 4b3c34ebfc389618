import { tableText } from '../../report/table-text.ts';
import type { FaultSpec } from '../../scenario/scenario.ts';
import type { FoundBorder, SearchResult } from './search.ts';

/** The result of a search as a table for the terminal. */
export function renderSearch(fault: FaultSpec, { borders, tried }: SearchResult): string {
  const table = tableText([
    ['survived', 'longest that lost nothing', 'shortest that lost something'],
    ...borders.map(({ way, survived, notSurvived }) => [
      way,
      survived === undefined ? 'none that was tried' : `${survived} s`,
      notSurvived === undefined ? 'none that was tried' : `${notSurvived} s`,
    ]),
  ]);
  const uncertain = Math.max(...borders.map((border: FoundBorder) => border.uncertain));
  const note =
    uncertain > 0
      ? `${uncertain} of the runs were unknown, for example because the fault was not felt; they count as not survived.\n`
      : '';
  return `${fault.name} on ${fault.on}, ${tried.length} runs\n\n${table}${note}`;
}
