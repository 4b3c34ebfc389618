import { cut, formatOffset } from '../format.ts';
import type { JudgedRun } from '../judged-run.ts';
import { type Markup, markup } from '../markup.ts';
import { joined, leftOut, ORDINARY, rowsWithin, scrolling } from './table.ts';
import { timeAxis } from './timeline-data.ts';

const TEXT = 600;

/** Each step of the common guide: what it says, what it really did, and what to do instead. */
export function runbook(judged: JudgedRun): Markup | undefined {
  const { runbook: steps = [] } = judged.run;
  if (steps.length === 0) return undefined;
  const { zero } = timeAxis(judged);
  const { rows, left } = rowsWithin(
    steps,
    ORDINARY,
    ({ at, asWritten, did, right }) =>
      markup`<tr><td class="short">${formatOffset(at - zero)}</td><td><code>${cut(asWritten, TEXT)}</code></td><td>${cut(did, TEXT)}</td><td>${cut(right, TEXT)}</td></tr>`,
  );
  return markup`${scrolling(
    'The common guide, carried out as written',
    markup`<table class="data"><thead><tr><th scope="col">At</th><th scope="col">As written</th><th scope="col">What it did</th><th scope="col">Instead</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}${leftOut(left, 'run.json')}`;
}
