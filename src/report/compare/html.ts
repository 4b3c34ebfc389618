import { cut, formatDuration, formatInstant } from '../format.ts';
import { type Markup, markup } from '../markup.ts';
import { renderPage } from '../page/page.ts';
import { joined, leftOut, ORDINARY, rowsWithin, scrolling, section } from '../page/table.ts';
import { VERDICT_WORDS } from '../words.ts';
import { comparisonSentence, probePairs, recoveryText, type Word } from './compare.ts';
import type { ProbeFigures } from './figures.ts';
import { limitOption, limitText } from './limits.ts';
import {
  type ComparedRun,
  type ComparedScenario,
  type ComparisonReport,
  changedFacts,
  trafficText,
  WORD_SIGNS,
  wordOfAll,
} from './report.ts';
import { type Row, rowGroups, SUMMARY_LEGEND, summaryFigures } from './rows.ts';

/** The look of a word: that of a verdict. */
const TONES: Readonly<Record<Word, string>> = {
  better: 'pass',
  same: 'pass',
  worse: 'fail',
  unknown: 'unknown',
};
const CELL_TONES = { better: 'good', worse: 'bad', changed: '', same: 'zero' } as const;

/** A comparison as one HTML file that needs no network, in the style of a run's report. */
export function renderComparisonHtml(report: ComparisonReport): string {
  const word = wordOfAll(report);
  return renderPage(
    `${word}: ${cut(report.from, 60)} → ${cut(report.to, 60)}`,
    markup`${header(report, word)}${section('scenarios', 'Scenarios', overview(report))}${joined(report.scenarios.map((scenario, index) => section(`scenario-${index}`, cut(scenario.scenario, 120), details(scenario))))}${section('limits', 'Limits', limits(report))}`,
    { styles: ['./page/style.css', './compare/style.css'], scripts: ['./page/script.js'] },
  );
}

function header(report: ComparisonReport, word: Word): Markup {
  const counts = (['worse', 'unknown', 'better', 'same'] as const).flatMap((each) => {
    const count = report.scenarios.filter((scenario) => scenario.word === each).length;
    return count > 0 ? [`${count} ${each}`] : [];
  });
  return markup`<header>
<p class="brand">langfuse-chaos <span>comparison</span></p>
<div class="verdict ${TONES[word]}">
<h1><span class="badge"><span aria-hidden="true">${WORD_SIGNS[word]}</span> ${word.toUpperCase()}</span> ${cut(report.from, 120)} → ${cut(report.to, 120)}</h1>
<p class="sentence">${counts.join(', ')} of ${report.scenarios.length} scenarios.</p>
</div>
<dl class="facts">
<div><dt>Started</dt><dd>${formatInstant(report.startedAt)}</dd></div>
<div><dt>Took</dt><dd>${formatDuration(report.endedAt - report.startedAt)}</dd></div>
<div><dt>Seed</dt><dd><code>${[...new Set(report.scenarios.flatMap(({ from, to }) => [from.seed, to.seed]))].join(', ')}</code></dd></div>
</dl>
<div class="command"><span class="command-name" id="command-name">Repeat it</span><code id="command" tabindex="0" aria-labelledby="command-name">${cut(report.command, 4000)}</code><button type="button" id="copy" hidden>Copy</button></div>
</header>
`;
}

function overview({ scenarios, leftOut: left }: ComparisonReport): Markup {
  const [first] = scenarios;
  const heads = first ? summaryFigures(first).map(({ name }) => markup`<th scope="col">${name}</th>`) : [];
  const rows = scenarios.map((scenario, index) => {
    const figures = summaryFigures(scenario).map(
      ({ text }) => markup`<td class="number${text.includes('→') ? '' : ' zero'}">${text}</td>`,
    );
    return markup`<tr><th scope="row"><a href="#scenario-${index}">${cut(scenario.scenario, 120)}</a></th><td class="short ${scenario.word === 'worse' ? 'bad' : scenario.word === 'better' ? 'good' : scenario.word === 'unknown' ? 'warn' : 'zero'}">${WORD_SIGNS[scenario.word]} ${scenario.word}</td><td class="short">${verdictOf(scenario.from)} → ${verdictOf(scenario.to)}</td>${figures}</tr>`;
  });
  return markup`${scrolling(
    'Scenarios',
    markup`<table class="data"><thead><tr><th scope="col">Scenario</th><th scope="col"></th><th scope="col">Verdict</th>${heads}</tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
  )}
<p class="note">${SUMMARY_LEGEND}</p>
${joined(left.map((text) => markup`<p class="note">Left out: ${text}</p>`))}`;
}

function verdictOf({ figures }: ComparedRun): string {
  return figures ? `${VERDICT_WORDS[figures.verdict].sign} ${figures.verdict}` : '! none';
}

function details(scenario: ComparedScenario): Markup {
  const { from, to } = scenario;
  return markup`<p class="sentence ${scenario.word}">${WORD_SIGNS[scenario.word]} ${comparisonSentence(scenario)}</p>
<p class="note">${cut(scenario.proves, 1000)}</p>
${joined([runLine(from), runLine(to)])}
${scenario.sameTraffic && markup`<p class="note">${trafficText(scenario)}</p>`}
${joined(scenario.notes.map((note) => markup`<p class="note"><b>${note}</b></p>`))}
${figuresTable(scenario)}
${probes(scenario)}
${facts(scenario)}`;
}

function runLine({ target, sentence, folder, seed }: ComparedRun): Markup {
  const report = folder === undefined ? markup`` : markup` <a href="${folder}/report.html">its report</a>`;
  return markup`<p class="run"><code>${cut(target, 200)}</code> ${cut(sentence, 1000)} <small>seed ${cut(seed, 100)}</small>${report}</p>`;
}

function figuresTable(scenario: ComparedScenario): Markup {
  const groups = rowGroups(scenario);
  if (groups.length === 0) return markup`<p class="nothing">One of the two did not come to a checkpoint.</p>`;
  const bodies = groups.map(
    ({ title, rows }) => markup`<tbody><tr class="group"><th scope="rowgroup" colspan="3">${title}</th></tr>
${joined(rows.map(figureRow))}
</tbody>`,
  );
  return scrolling(
    `Figures of ${scenario.scenario}`,
    markup`<table class="data numbers compared"><thead><tr><td></td><th scope="col">${cut(scenario.from.target, 80)}</th><th scope="col">${cut(scenario.to.target, 80)}</th></tr></thead>
${joined(bodies)}
</table>`,
  );
}

function figureRow({ name, from, to, tone }: Row): Markup {
  const sign = tone === 'worse' ? '▼ ' : tone === 'better' ? '▲ ' : '';
  return markup`<tr><th scope="row">${name}</th><td class="${tone === 'same' ? 'zero' : ''}">${from}</td><td class="${CELL_TONES[tone]}">${sign}${to}</td></tr>`;
}

/** The endpoints that answered or recovered in another way. */
function probes({ from, to }: ComparedScenario): Markup {
  if (!from.figures || !to.figures) return markup``;
  const pairs = probePairs(from.figures, to.figures);
  if (pairs.length === 0) return markup``;
  const word = (probe: ProbeFigures | undefined) =>
    probe
      ? `${probe.answer}${probe.recovery === undefined ? '' : `, well after ${recoveryText(probe)}`}`
      : 'not asked';
  const changed = pairs.filter(
    (pair) => pair.from?.answer !== pair.to?.answer || pair.from?.recovery !== pair.to?.recovery,
  );
  if (changed.length === 0)
    return markup`<p class="note">All ${pairs.length} probes were answered alike.</p>`;
  const { rows, left } = rowsWithin(changed, ORDINARY, (pair) => {
    const { label = '', endpoint = '' } = pair.to ?? pair.from ?? {};
    const tone = pair.from?.answer === pair.to?.answer ? '' : 'warn';
    return markup`<tr><th scope="row">${cut(label, 120)}</th><td><code>${endpoint}</code></td><td>${word(pair.from)}</td><td class="${tone}">${word(pair.to)}</td></tr>`;
  });
  return markup`<h3>Probes that were answered in another way: ${changed.length} of ${pairs.length}</h3>
${scrolling(
  'Probes',
  markup`<table class="data"><thead><tr><th scope="col">While</th><th scope="col">Endpoint</th><th scope="col">${cut(from.target, 80)}</th><th scope="col">${cut(to.target, 80)}</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
)}${leftOut(left, 'compare.json')}`;
}

function facts(scenario: ComparedScenario): Markup {
  const changed = changedFacts(scenario);
  if (changed.length === 0)
    return markup`<p class="note">Versions, settings, queues and tables are the same.</p>`;
  const { rows, left } = rowsWithin(
    changed,
    ORDINARY,
    ({ name, from, to }) =>
      markup`<tr><th scope="row">${cut(name, 200)}</th><td>${cut(from, 600)}</td><td>${cut(to, 600)}</td></tr>`,
  );
  return markup`<h3>What changed</h3>
${scrolling(
  'What changed',
  markup`<table class="data"><thead><tr><td></td><th scope="col">${cut(scenario.from.target, 80)}</th><th scope="col">${cut(scenario.to.target, 80)}</th></tr></thead><tbody>
${joined(rows)}
</tbody></table>`,
)}${leftOut(left, 'compare.json')}`;
}

function limits({ limits: all }: ComparisonReport): Markup {
  const texts = (Object.keys(all) as (keyof typeof all)[]).map(
    (name) => `${limitOption(name)} ${limitText(all[name])}`,
  );
  return markup`<p><code>${texts.join(' ')}</code></p>
<p class="note">Worse is what goes beyond its limit, a count or a percentage of what it was, times by 10 s besides; better is the same the other way round.</p>`;
}
