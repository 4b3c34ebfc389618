import { escapeMarkdown, fenced, tableRow } from '../markdown-text.ts';
import { comparisonSentence, type Word } from './compare.ts';
import { type ComparisonReport, changedFacts, wordOfAll } from './report.ts';
import { SUMMARY_LEGEND, summaryFigures } from './rows.ts';

const SIGNS: Readonly<Record<Word, string>> = { better: '✅', same: '✅', worse: '❌', unknown: '⚠️' };
/** Facts that are listed; a CI system's step summary is no place for all of them. */
const MOST_FACTS = 30;

/** A comparison in a screenful of GitHub-flavoured Markdown, for the step summary of a CI system or a comment. */
export function renderComparisonMarkdown(report: ComparisonReport): string {
  const word = wordOfAll(report);
  const [first] = report.scenarios;
  const names = first ? summaryFigures(first).map(({ name }) => name) : [];
  const facts = new Map(
    report.scenarios.flatMap(changedFacts).map((fact) => [`${fact.name}\n${fact.from}\n${fact.to}`, fact]),
  );
  const blocks = [
    `## ${SIGNS[word]} ${word.toUpperCase()}: ${escapeMarkdown(report.from)} → ${escapeMarkdown(report.to)}`,
    [
      tableRow(['scenario', '', 'verdict', ...names]),
      tableRow(['---', '---', '---', ...names.map(() => '---:')]),
      ...report.scenarios.map((scenario) =>
        tableRow([
          escapeMarkdown(scenario.scenario),
          `${SIGNS[scenario.word]} ${scenario.word}`,
          `${scenario.from.figures?.verdict ?? 'none'} → ${scenario.to.figures?.verdict ?? 'none'}`,
          ...summaryFigures(scenario).map(({ text }) => text),
        ]),
      ),
    ].join('\n'),
    SUMMARY_LEGEND,
    report.scenarios
      .flatMap((scenario) => [
        `- **${escapeMarkdown(scenario.scenario)}**: ${escapeMarkdown(comparisonSentence(scenario))}`,
        ...scenario.notes.map((note) => `  - ${escapeMarkdown(note)}`),
      ])
      .join('\n'),
    report.leftOut.map((text) => `- left out: ${escapeMarkdown(text)}`).join('\n'),
    facts.size === 0
      ? ''
      : [
          '### What changed\n',
          tableRow(['', escapeMarkdown(report.from), escapeMarkdown(report.to)]),
          tableRow(['---', '---', '---']),
          ...[...facts.values()]
            .slice(0, MOST_FACTS)
            .map(({ name, from, to }) => tableRow([name, from, to].map(escapeMarkdown))),
        ].join('\n'),
    'Repeat it:',
    fenced(report.command),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
