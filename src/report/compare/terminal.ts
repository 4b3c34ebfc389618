import { styleText } from 'node:util';
import wrapAnsi from 'wrap-ansi';
import { cut, printable } from '../format.ts';
import { tableText } from '../table-text.ts';
import { VERDICT_WORDS } from '../words.ts';
import { comparisonSentence, type Word } from './compare.ts';
import {
  type ComparedRun,
  type ComparedScenario,
  type ComparisonReport,
  changedFacts,
  WORD_SIGNS,
  wordOfAll,
} from './report.ts';
import { arrow, SUMMARY_LEGEND, summaryFigures } from './rows.ts';

const COLOURS = { better: 'green', same: 'dim', worse: 'red', unknown: 'yellow' } as const;
const COLUMNS = 100;
/** Facts that changed which are listed; the report has all. */
const MOST_FACTS = 12;
const LONGEST = 300;

/** What a comparison found, for the end of its terminal output: a table, a sentence for each scenario, what changed, the report. */
export function renderComparison(
  report: ComparisonReport,
  { file, color }: { readonly file: string; readonly color: boolean },
): string {
  const paint = (word: Word, text: string) =>
    color ? styleText(COLOURS[word], text, { validateStream: false }) : text;
  const all = wordOfAll(report);
  const lines = [
    paint(all, `${WORD_SIGNS[all]} ${all.toUpperCase()}`) + printable(`  ${report.from} → ${report.to}`),
    '',
    ...table(report.scenarios).trimEnd().split('\n'),
    ...wrapped(SUMMARY_LEGEND),
    ...(report.scenarios.every(({ sameTraffic }) => sameTraffic)
      ? ['In each scenario both got the same traffic, byte for byte.']
      : []),
    '',
    ...report.scenarios.flatMap((scenario) => scenarioLines(scenario, paint)),
    ...report.leftOut.map((text) => printable(`left out: ${text}`)),
    ...facts(report.scenarios),
    `report    ${printable(file)}`,
    `repeat    ${printable(report.command)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function table(scenarios: readonly ComparedScenario[]): string {
  const [first] = scenarios;
  const figures = scenarios.map(summaryFigures);
  const head = ['scenario', '', 'verdict', ...(first ? summaryFigures(first).map(({ name }) => name) : [])];
  const rows = scenarios.map((scenario, index) => [
    printable(cut(scenario.scenario, 40)),
    `${WORD_SIGNS[scenario.word]} ${scenario.word}`,
    arrow(verdictOf(scenario.from), verdictOf(scenario.to)),
    ...(figures[index] ?? []).map(({ text }) => text),
  ]);
  return tableText([head, ...rows], head.keys().toArray().slice(3));
}

function verdictOf({ figures }: ComparedRun): string {
  return figures ? `${VERDICT_WORDS[figures.verdict].sign} ${figures.verdict}` : '! none';
}

function scenarioLines(scenario: ComparedScenario, paint: (word: Word, text: string) => string): string[] {
  const said = comparisonSentence(scenario);
  const lines = wrapped(`${scenario.scenario}: ${said.charAt(0).toLowerCase()}${said.slice(1)}`);
  const missing = [scenario.from, scenario.to]
    .filter(({ figures }) => !figures || figures.verdict === 'unknown')
    .flatMap(({ target, sentence }) => wrapped(`${target}: ${sentence}`, '  '));
  const notes = scenario.notes.flatMap((note) => wrapped(note, '  '));
  return [...lines.map((line) => paint(scenario.word, line)), ...missing, ...notes, ''];
}

/** What is another in all of the scenarios' second runs, told once. */
function facts(scenarios: readonly ComparedScenario[]): string[] {
  const texts = scenarios.flatMap((scenario) =>
    changedFacts(scenario).map(({ name, from, to }) => `  ${name}: ${from} → ${to}`),
  );
  const different = [...new Set(texts)];
  if (different.length === 0) return [];
  const shown = different.slice(0, MOST_FACTS).flatMap((text) => wrapped(text.trim(), '  '));
  const more = different.length - MOST_FACTS;
  return ['what changed', ...shown, ...(more > 0 ? [`  … and ${more} more in the report`] : []), ''];
}

function wrapped(text: string, indent = ''): string[] {
  return wrapAnsi(printable(cut(text, LONGEST)), COLUMNS - indent.length)
    .split('\n')
    .map((line) => `${indent}${line}`);
}
