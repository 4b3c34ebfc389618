import { OUTCOMES, type Outcome, STAGES } from '../../checker/verdict.ts';
import type { RunRecord } from '../../history/run-record.ts';
import { faultName, jobsThen, versionTold } from '../describe.ts';
import { cut, formatCount, formatDuration, formatOffset } from '../format.ts';
import type { JudgedRun } from '../judged-run.ts';
import { legend } from '../legend.ts';
import { type Markup, markup } from '../markup.ts';
import { formatValue, type OutcomeRow, outcomeRows } from '../outcome-table.ts';
import { CHECKPOINT_WORDS, OUTCOME_WORDS, STAGE_WORDS } from '../words.ts';
import { joined, leftOut, ORDINARY, rowsWithin, scrolling } from './table.ts';
import { timeAxis } from './timeline-data.ts';

const TEXT = 600;
/** A scenario has a few such steps, so that less than an ordinary share is enough. */
const ODD_TRAFFIC = { rows: 40, bytes: 8_000 };

/** There and back again are four. */
const REPLACED = { rows: 20, bytes: 3_000 };

/** Outcomes per checkpoint, with missing events by stage, blind loss and the failed set. */
export function outcomes(judged: JudgedRun): Markup {
  const { checkpoints } = judged.verdict;
  if (checkpoints.length === 0)
    return markup`<p class="nothing">No checkpoint was reached, so nothing was judged.</p>`;
  const zero = timeAxis(judged).zero;
  const rows = outcomeRows(judged.verdict);
  const heads = checkpoints.map(
    (checkpoint) =>
      markup`<th scope="col">${CHECKPOINT_WORDS[checkpoint.name]}<small class="below">${formatOffset(checkpoint.at - zero)}</small></th>`,
  );
  const group = (title: string, of: OutcomeRow['group']) => {
    const own = rows.filter((row) => row.group === of);
    return own.length === 0
      ? markup``
      : markup`<tbody><tr class="group"><th scope="rowgroup" colspan="${heads.length + 1}">${title}</th></tr>
${joined(own.map(outcomeRow))}
</tbody>`;
  };
  return markup`${scrolling(
    'Outcomes per checkpoint',
    markup`<table class="data numbers outcomes"><thead><tr><td></td>${heads}</tr></thead>
${group('Events by outcome', 'outcome')}
${group('Missing events by the last stage that holds a copy', 'stage')}
${group('What the queues show', 'figure')}
</table>`,
  )}
<p class="note">Each column judges the run as if its checkpoint had been the last. Outcomes and stages that never occurred are left out. ${legend(judged).join(' ')}</p>
<details><summary>What the words mean</summary><dl class="words">
${joined([...OUTCOMES.map((name) => outcomeWords(name, judged.run)), ...STAGES.map((name) => STAGE_WORDS[name]), ...rows.filter((row) => row.group === 'figure')].map(({ label, meaning }) => markup`<div><dt>${label}</dt><dd>${meaning}</dd></div>`))}
</dl></details>`;
}

/** The words of an outcome, for `late` with the figure. */
function outcomeWords(outcome: Outcome, { scenario }: RunRecord): { label: string; meaning: string } {
  const { label, meaning } = OUTCOME_WORDS[outcome];
  const isKnown = outcome === 'late' && scenario.visibilityBudget !== undefined;
  return { label, meaning: isKnown ? `${meaning} of ${scenario.visibilityBudget} s` : meaning };
}

function outcomeRow(row: OutcomeRow): Markup {
  const last = row.values.length - 1;
  const cells = row.values.map((value, column) => {
    const tone = !value ? 'zero' : !row.bad ? '' : column === last ? 'bad' : 'warn';
    return markup`<td${tone !== '' && markup` class="${tone}"`}>${formatValue(value)}</td>`;
  });
  return markup`<tr><th scope="row">${row.label}</th>${cells}</tr>`;
}

/** What the scenario expected and what was seen. */
export function expectations({ verdict }: JudgedRun): Markup | undefined {
  if (verdict.expectations.length === 0) return undefined;
  const words = {
    must: { held: ['good', '✓ held'], missed: ['bad', '✗ missed'] },
    shows: { held: ['good', '✓ shown'], missed: ['warn', '○ not shown'] },
  } as const;
  const { rows, left } = rowsWithin(verdict.expectations, ORDINARY, ({ kind, held, text, seen }) => {
    const [tone, word] = words[kind][held ? 'held' : 'missed'];
    return markup`<tr><td class="short ${tone}">${word}</td><td>${cut(text, TEXT)}</td><td>${cut(seen, TEXT)}</td><td>${kind}</td></tr>`;
  });
  return markup`${scrolling(
    'Expectations',
    markup`<table class="data"><thead><tr><th scope="col">Result</th><th scope="col">Expected</th><th scope="col">Seen</th><th scope="col">Kind</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}${leftOut(left, 'verdict.json')}
<p class="note"><b>must</b>: a miss fails the run. <b>shows</b>: a known weakness that the scenario reproduces; a target without it is only said to be so.</p>`;
}

/** Why the verdict is what it is. */
export function reasons({ verdict }: JudgedRun): Markup | undefined {
  if (verdict.reasons.length === 0) return undefined;
  const { rows, left } = rowsWithin(
    verdict.reasons,
    ORDINARY,
    (reason) =>
      markup`<li class="${reason.verdict}"><b>${reason.verdict}</b> ${cut(reason.text, TEXT)} <code>${cut(reason.code, 60)}</code></li>`,
  );
  return markup`<ul class="reasons">
${joined(rows)}
</ul>${leftOut(left, 'verdict.json')}`;
}

/** Each fault with its moments. */
export function faults(judged: JudgedRun): Markup | undefined {
  const { run } = judged;
  if (run.faults.length === 0) return undefined;
  const { zero } = timeAxis(judged);
  const moment = (at: number | undefined, missing: string) =>
    at === undefined
      ? markup`<td class="short bad">${missing}</td>`
      : markup`<td class="short">${formatOffset(at - zero)}</td>`;
  const { rows, left } = rowsWithin(
    run.faults,
    ORDINARY,
    (fault) =>
      markup`<tr><th scope="row">${faultName(fault)}</th>${moment(fault.injectedAt, '')}${moment(fault.feltAt, 'never')}${moment(fault.recoveredAt, 'never')}${moment(fault.healedAt, 'never')}<td>${cut(fault.felt ?? '', TEXT)}</td></tr>`,
  );
  return markup`${scrolling(
    'Faults',
    markup`<table class="data"><thead><tr><th scope="col">Fault</th><th scope="col">Injected</th><th scope="col">Felt</th><th scope="col">Undone</th><th scope="col">Healed</th><th scope="col">How it was felt</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}${leftOut(left, 'run.json')}`;
}

/** Web and worker as they were replaced, with the jobs that were there. */
export function replaced(judged: JudgedRun): Markup | undefined {
  const { replacements = [] } = judged.run;
  if (replacements.length === 0) return undefined;
  const { zero } = timeAxis(judged);
  const { rows, left } = rowsWithin(
    replacements,
    REPLACED,
    (one) =>
      markup`<tr><th scope="row">${one.process}</th><td>${cut(one.target, 100)}</td><td class="short">${versionTold(one)}</td><td class="short">${formatOffset(one.at - zero)}</td><td class="short">${formatDuration(one.answeredAt - one.at)}</td><td>${jobsThen(one)}</td></tr>`,
  );
  return markup`${scrolling(
    'Replaced',
    markup`<table class="data"><thead><tr><th scope="col">Process</th><th scope="col">By</th><th scope="col">Says it is</th><th scope="col">At</th><th scope="col">Away for</th><th scope="col">Jobs then</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}${leftOut(left, 'run.json')}`;
}

/** What was sent beside the traffic, and how it was answered. */
export function oddTraffic(judged: JudgedRun): Markup | undefined {
  const { oddTraffic: sent = [] } = judged.run;
  if (sent.length === 0) return undefined;
  const { zero } = timeAxis(judged);
  const { rows, left } = rowsWithin(
    sent,
    ODD_TRAFFIC,
    ({ name, at, acknowledged, refused }) =>
      markup`<tr><th scope="row">${cut(name, 120)}</th><td class="short">${formatOffset(at - zero)}</td><td class="number">${formatCount(acknowledged)}</td><td class="number">${formatCount(refused)}</td></tr>`,
  );
  return markup`${scrolling(
    'Odd traffic',
    markup`<table class="data"><thead><tr><th scope="col">Sent</th><th scope="col">At</th><th scope="col" class="number">Acknowledged</th><th scope="col" class="number">Refused</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}${leftOut(left, 'run.json')}`;
}

/** What the recovery steps did. */
export function recovery(judged: JudgedRun): Markup | undefined {
  const { run } = judged;
  if (run.recovery.length === 0) return undefined;
  const { zero } = timeAxis(judged);
  const { rows, left } = rowsWithin(run.recovery, ORDINARY, (step) => {
    const skipped = step.skipped
      .slice(0, 20)
      .map(({ reason, count }) => `${formatCount(count)} ${cut(reason, 200)}`);
    if (step.skipped.length > 20)
      skipped.push(`${formatCount(step.skipped.length - 20)} more kinds in run.json`);
    return markup`<tr><th scope="row">${step.step}</th><td class="short">${formatOffset(step.startedAt - zero)}</td><td class="short">${formatDuration(step.endedAt - step.startedAt)}</td><td class="short">${formatCount(step.done)} ${step.step === 'replay from S3' ? 'entities' : 'jobs'}</td><td>${skipped.join('; ') || 'nothing'}</td></tr>`;
  });
  return markup`${scrolling(
    'Recovery',
    markup`<table class="data"><thead><tr><th scope="col">Step</th><th scope="col">Began</th><th scope="col">Took</th><th scope="col">Done</th><th scope="col">Left alone</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}${leftOut(left, 'run.json')}`;
}

/** The phases with their lengths, and the versions of all that took part. */
export function particulars(judged: JudgedRun): Markup {
  const { run } = judged;
  const phases = rowsWithin(run.phases, ORDINARY, (phase) => pair(phase.name, phaseTook(phase)));
  const versions = rowsWithin(Object.entries(run.versions), ORDINARY, ([part, version]) =>
    pair(cut(part, 100), markup`<code>${cut(version, 100)}</code>`),
  );
  return markup`<div class="columns">
<div><h3>Phases</h3><dl class="pairs">
${joined(phases.rows)}
</dl>${leftOut(phases.left, 'run.json')}</div>
<div><h3>Versions</h3><dl class="pairs">
${joined(versions.rows)}
</dl>${leftOut(versions.left, 'run.json')}</div>
</div>`;
}

function phaseTook(phase: RunRecord['phases'][number]): string {
  return phase.endedAt === undefined ? 'not ended' : formatDuration(phase.endedAt - phase.startedAt);
}

function pair(name: string, value: string | Markup): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
