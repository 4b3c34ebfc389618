import type { GuideRecord } from '../history/run-record.ts';
import {
  expectedFailure,
  faultName,
  faultState,
  findingColumns,
  jobsThen,
  langfuseText,
  oddTrafficAnswer,
  otherPipeline,
  replacementText,
  targetNotes,
} from './describe.ts';
import { formatCount, formatDuration, formatQuantity } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { legend } from './legend.ts';
import { escapeMarkdown, fenced, tableRow } from './markdown-text.ts';
import { formatValue, outcomeRows } from './outcome-table.ts';
import { fairOrder } from './pick-findings.ts';
import { CHECKPOINT_WORDS, VERDICT_WORDS } from './words.ts';

/** Findings and lines of other lists; a CI system's step summary holds 1 MiB, and nobody reads that. */
const LISTED = 10;

const SIGNS = { pass: '✅', fail: '❌', unknown: '⚠️' } as const;

/** The run in a screenful of GitHub-flavoured Markdown, for the step summary of a CI system or a comment. */
export function renderMarkdown({ run, verdict }: JudgedRun): string {
  const took = run.endedAt === undefined ? '' : ` · ${formatDuration(run.endedAt - run.startedAt)}`;
  const pipeline = otherPipeline(run);
  const langfuse = langfuseText(run);
  const missed = (kind: 'must' | 'shows') =>
    verdict.expectations
      .filter((expectation) => expectation.kind === kind && !expectation.held)
      .map(({ text, seen }) => `- ${escapeMarkdown(`${text} (seen: ${seen})`)}`);
  const blocks = [
    `## ${SIGNS[verdict.verdict]} ${VERDICT_WORDS[verdict.verdict].word}: ${escapeMarkdown(run.scenario.name)}`,
    pipeline === undefined ? '' : `Pipeline ${escapeMarkdown(pipeline)}`,
    langfuse === undefined ? '' : `Langfuse ${escapeMarkdown(langfuse)}`,
    escapeMarkdown(verdict.sentence),
    escapeMarkdown(expectedFailure({ run, verdict }) ?? ''),
    outcomeTable(verdict),
    escapeMarkdown(legend({ run, verdict }).join(' ')),
    section(
      'About the target',
      targetNotes(run).map((note) => `- ${escapeMarkdown(note)}`),
    ),
    section(
      'Faults',
      run.faults.map((fault) => `- ${escapeMarkdown(`${faultName(fault)}: ${faultState(fault)}`)}`),
    ),
    section(
      'Replaced',
      (run.replacements ?? []).map(
        (one) => `- ${escapeMarkdown(`${replacementText(one, run)}; jobs then: ${jobsThen(one)}`)}`,
      ),
    ),
    section(
      'Odd traffic',
      (run.oddTraffic ?? []).map((sent) => `- ${escapeMarkdown(`${sent.name}: ${oddTrafficAnswer(sent)}`)}`),
    ),
    section(
      'Reasons',
      verdict.reasons.map((reason) => `- ${escapeMarkdown(`${reason.verdict}: ${reason.text}`)}`),
    ),
    section('Expectations that did not hold', missed('must')),
    section('Weaknesses that this target did not show', missed('shows')),
    runbookTable(run.runbook ?? []),
    findingsTable(verdict),
    run.probes.length === 0
      ? ''
      : `How the endpoints answered (${formatQuantity(run.probes.length, 'answer')}): [probes.csv](probes.csv), and as a table in [report.html](report.html#probes).`,
    `Repeat it (stack ${escapeMarkdown(run.stack)}, seed ${escapeMarkdown(run.seed)}${took}):`,
    fenced(run.command),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function outcomeTable(verdict: JudgedRun['verdict']): string {
  if (verdict.checkpoints.length === 0) return 'No checkpoint was reached.';
  const rows = outcomeRows(verdict).map((row) => {
    const name = row.group === 'stage' ? `missing, ${row.label}` : row.label;
    return tableRow([
      name,
      ...row.values.map((value) => (row.bad && value ? `**${formatValue(value)}**` : formatValue(value))),
    ]);
  });
  const heads = verdict.checkpoints.map((checkpoint) => CHECKPOINT_WORDS[checkpoint.name]);
  return [tableRow(['events', ...heads]), tableRow(['---', ...heads.map(() => '---:')]), ...rows].join('\n');
}

function findingsTable(verdict: JudgedRun['verdict']): string {
  if (verdict.findings.length === 0) return '';
  const rows = fairOrder(verdict.findings)
    .slice(0, LISTED)
    .map((finding) => tableRow(findingColumns(finding).map(escapeMarkdown)));
  const hidden = verdict.findings.length - rows.length;
  const head = [tableRow(['outcome', 'where', 'entity', 'type']), tableRow(['---', '---', '---', '---'])];
  const more = hidden > 0 ? `\n\n… and ${formatCount(hidden)} more in \`verdict.json\`.` : '';
  return `### Events that were missing or wrong\n\n${[...head, ...rows].join('\n')}${more}`;
}

function runbookTable(steps: readonly GuideRecord[]): string {
  if (steps.length === 0) return '';
  const rows = steps
    .slice(0, LISTED)
    .map(({ asWritten, did, right }) => tableRow([asWritten, did, right].map(escapeMarkdown)));
  const head = [tableRow(['as written', 'what it did', 'instead']), tableRow(['---', '---', '---'])];
  return `### The common guide, carried out as written\n\n${[...head, ...rows].join('\n')}`;
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const hidden = lines.length - LISTED;
  const more = hidden > 0 ? [`- … and ${formatCount(hidden)} more`] : [];
  return `### ${title}\n\n${[...lines.slice(0, LISTED), ...more].join('\n')}`;
}
