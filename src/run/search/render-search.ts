import { tableText } from '../../report/table-text.ts';
import type { FaultSpec } from '../../scenario/scenario.ts';
import type { FoundBorder, SearchResult, TriedLength } from './search.ts';

/** The result of a search as a table for the terminal. */
export function renderSearch(fault: FaultSpec, { borders, tried }: SearchResult): string {
  const table = tableText([
    ['survived', 'longest that was survived', 'shortest that was not'],
    ...borders.map(({ way, survived, notSurvived }) => [
      way,
      lengthText(survived, tried),
      lengthText(notSurvived, tried),
    ]),
  ]);
  const uncertain = Math.max(...borders.map((border: FoundBorder) => border.uncertain));
  const note =
    uncertain > 0
      ? `${uncertain} of the runs were unknown, for example because the fault was not felt; they count as not survived.\n`
      : '';
  return `${fault.name} on ${fault.on}, ${tried.length} runs\n\n${table}${note}`;
}

/** As planned, and in brackets as measured where the fault took its time: stopping a process, say, or starting it again. */
function lengthText(seconds: number | undefined, tried: readonly TriedLength[]): string {
  if (seconds === undefined) return 'none that was tried';
  const lasted = tried.flatMap((one) =>
    one.seconds === seconds && one.lasted !== undefined ? one.lasted : [],
  );
  const longest = Math.max(...lasted, 0);
  return longest > seconds * 1.1 + 0.1 ? `${seconds} s (lasted ${longest.toFixed(1)} s)` : `${seconds} s`;
}
