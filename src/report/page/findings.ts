import { type Finding, OUTCOMES, STAGES } from '../../checker/verdict.ts';
import { cut, formatCount, formatOffset, formatQuantity } from '../format.ts';
import type { JudgedRun } from '../judged-run.ts';
import { type Markup, markup } from '../markup.ts';
import { isBad } from '../outcome-table.ts';
import { fairOrder, severity } from '../pick-findings.ts';
import { CHECKPOINT_WORDS, OUTCOME_WORDS, STAGE_WORDS } from '../words.ts';
import { joined, rowsWithin, scrolling } from './table.ts';
import { timeAxis } from './timeline-data.ts';

/** What the page holds of the findings; the whole list is in `verdict.json`. */
const SHARE = { rows: 1500, bytes: 400_000 } as const;
/** Rows that are printed on paper; the style sheet hides the rest there. */
const ON_PAPER = 60;

/** Every event that was missing or wrong, also those that recovery brought back, with controls to filter them. */
export function findings(judged: JudgedRun): Markup {
  const all = judged.verdict.findings;
  if (all.length === 0) {
    return judged.verdict.verdict === 'unknown'
      ? markup`<p class="nothing">There are no findings, which proves nothing: the verdict is unknown.</p>`
      : markup`<p class="nothing">No event was missing or wrong once the stack had settled.</p>`;
  }
  const { zero } = timeAxis(judged);
  const checkpoints = judged.verdict.checkpoints.map((checkpoint) => checkpoint.name);
  const withDetails = all.some((finding) => detailsOf(finding) !== undefined);
  const fitting = rowsWithin(fairOrder(all), SHARE, (finding) =>
    row(finding, zero, checkpoints, withDetails),
  );
  const order = fairOrder(all).slice(0, fitting.rows.length);
  const rows = order
    .map((finding, index) => ({ finding, row: fitting.rows[index] as Markup }))
    .toSorted(
      (a, b) =>
        severity(a.finding.outcome) - severity(b.finding.outcome) ||
        (a.finding.sentAt ?? 0) - (b.finding.sentAt ?? 0),
    );
  const heads = checkpoints.map((name) => markup`<th scope="col">${CHECKPOINT_WORDS[name]}</th>`);
  return markup`<div class="findings-box"><p class="note">${summary(all)} A stage is the last that held a copy at a checkpoint where the event was missing; a dot means that it was there.</p>
${filters(order)}
${scrolling(
  'Findings',
  markup`<table id="findings-table" class="data findings"><thead><tr><th scope="col">Outcome</th><th scope="col">Entity and event</th><th scope="col" class="number">Request</th><th scope="col" class="number">Sent</th>${heads}${withDetails && markup`<th scope="col">Details</th>`}</tr></thead><tbody>
${joined(rows.map(({ row }) => row))}
</tbody></table>`,
)}
${fitting.left > 0 ? markup`<p class="left-out">Shown are ${formatCount(rows.length)} of ${formatQuantity(all.length, 'finding')}, some of every kind; <code>verdict.json</code> in the run folder has all of them.</p>` : markup``}
${rows.length > ON_PAPER ? markup`<p class="left-out on-paper">On paper, the first ${ON_PAPER} are shown.</p>` : markup``}</div>`;
}

function summary(all: readonly Finding[]): string {
  const counts = OUTCOMES.map((outcome) => ({
    outcome,
    count: all.filter((finding) => finding.outcome === outcome).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${formatCount(count)} ${OUTCOME_WORDS[outcome].label}`);
  return `${formatQuantity(all.length, 'finding')}: ${counts.join(', ')}.`;
}

/** Hidden until the page's script shows them: without it they would do nothing. */
function filters(shown: readonly Finding[]): Markup {
  const option = (value: string, label: string) => markup`<option value="${value}">${label}</option>`;
  const outcomes = OUTCOMES.filter((outcome) => shown.some((finding) => finding.outcome === outcome));
  const stages = STAGES.filter((stage) =>
    shown.some((finding) => Object.values(finding.stages).includes(stage)),
  );
  return markup`<form class="filters" id="filters" hidden>
<label>Text <input type="search" id="filter-text" placeholder="id, type, field …" autocomplete="off"></label>
<label>Outcome <select id="filter-outcome">${option('', 'all')}${outcomes.map((outcome) => option(outcome, OUTCOME_WORDS[outcome].label))}</select></label>
<label>Stage <select id="filter-stage">${option('', 'all')}${stages.map((stage) => option(stage, STAGE_WORDS[stage].label))}</select></label>
<output id="filter-count" for="filter-text filter-outcome filter-stage"></output>
</form>`;
}

function row(
  finding: Finding,
  zero: number,
  checkpoints: readonly (keyof Finding['stages'])[],
  withDetails: boolean,
): Markup {
  const stages = checkpoints.map((name) => {
    const stage = finding.stages[name];
    return stage
      ? markup`<td class="short">${STAGE_WORDS[stage].label}</td>`
      : markup`<td class="there">·</td>`;
  });
  const held = [...new Set(Object.values(finding.stages))].join(' ');
  return markup`<tr data-outcome="${finding.outcome}" data-stages="${held}"><td class="short ${isBad(finding.outcome) ? 'bad' : 'good'}">${OUTCOME_WORDS[finding.outcome].label}</td><th scope="row"><code>${cut(finding.entity, 120)}</code><small class="below">${finding.type ?? ''} ${finding.eventId !== undefined && markup`<code>${cut(finding.eventId, 80)}</code>`}</small></th><td class="number">${finding.request ?? ''}</td><td class="number">${finding.sentAt === undefined ? '' : formatOffset(finding.sentAt - zero)}</td>${stages}${withDetails && markup`<td>${detailsOf(finding)}</td>`}</tr>`;
}

/** What is wrong with a landed event; undefined when there is nothing to say. */
function detailsOf(finding: Finding): Markup | undefined {
  const differences = (finding.differences ?? [])
    .slice(0, 5)
    .map(
      ({ field, stored, allowed }) =>
        markup`<p><b>${cut(field, 60)}</b> stored <code>${cut(stored, 80)}</code>, allowed ${allowed.slice(0, 3).map((value) => markup`<code>${cut(value, 80)}</code> `)}</p>`,
    );
  const hidden = (finding.differences?.length ?? 0) - differences.length;
  if (hidden > 0) differences.push(markup`<p>and ${formatQuantity(hidden, 'more field', 'more fields')}</p>`);
  if (finding.note !== undefined) differences.push(markup`<p>${cut(finding.note, 300)}</p>`);
  return differences.length > 0 ? markup`${differences}` : undefined;
}
