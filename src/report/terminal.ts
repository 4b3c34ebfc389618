import { join } from 'node:path';
import { styleText } from 'node:util';
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import {
  expectedFailure,
  faultName,
  faultState,
  findingColumns,
  langfuseText,
  oddTrafficAnswer,
  otherPipeline,
  replacementText,
  targetNotes,
} from './describe.ts';
import { cut, formatCount, formatDuration, printable } from './format.ts';
import type { JudgedRun } from './judged-run.ts';
import { legend } from './legend.ts';
import { formatValue, type OutcomeRow, outcomeRows } from './outcome-table.ts';
import { fairOrder } from './pick-findings.ts';
import { CHECKPOINT_WORDS, VERDICT_WORDS } from './words.ts';

/** The most that a summary takes, whatever the run. */
export const SUMMARY_LINES = 90;
/** Columns of a terminal that no line is wider than. */
export const SUMMARY_COLUMNS = 100;

/** Width of the labels in front of the lines below the table. */
const LABEL = 10;
/** The most lines that single events take. */
const MAX_EVENTS = 5;
/** Lines that one fault, note or the like takes, so that no text from outside fills the screen. */
const LINES_OF_ONE = 3;
/** Faults that are listed, less what is said of the target: as many as a long nemesis has. */
const MAX_FAULTS = 12;
/** No text from outside is looked at beyond this: measuring the width of a megabyte takes seconds. */
const LONGEST = 400;

/** What {@link renderSummary} is made from. */
export interface SummaryInput extends JudgedRun {
  /** The run folder, as the reader would name it. */
  readonly folder: string;
  /** Whether to colour it. */
  readonly color: boolean;
}

/**
 * What a run found, for the end of its terminal output: verdict and sentence, outcomes per checkpoint, faults, odd
 * traffic, missed expectations, the first events that were missing, where the report lies, the command that repeats
 * the run, and what to do next with a nemesis that failed. At most {@link SUMMARY_LINES} lines of at most
 * {@link SUMMARY_COLUMNS} columns; what does not fit is in the report.
 */
export function renderSummary({ run, verdict, folder, color }: SummaryInput): string {
  const paint: Paint = (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
  const head = heading({ run, verdict }, paint);
  const about = target(run);
  const middle = [
    ...about,
    ...faults(run, MAX_FAULTS - about.length),
    ...replacements(run),
    ...oddTraffic(run),
    ...misses(verdict, paint),
  ];
  const notes = legendLines({ run, verdict }, paint);
  const bottom = [
    `${label('report')}${clean(join(folder, 'report.html'), 'start')}`,
    ...repeat(run.command),
    ...next({ run, verdict }, folder),
  ];
  const spare = SUMMARY_LINES - head.length - notes.length - middle.length - bottom.length - 3;
  const rows = table(verdict, paint);
  const found = events(verdict, Math.min(MAX_EVENTS, Math.max(1, spare - rows.length)));
  const lines = [...head, '', ...rows, ...notes, '', ...middle, ...found, ...bottom];
  return `${lines.map((line) => cliTruncate(line, SUMMARY_COLUMNS)).join('\n')}\n`;
}

type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

const VERDICT_COLOUR = { pass: 'green', fail: 'red', unknown: 'yellow' } as const;

/** At most four lines. */
function heading({ run, verdict }: JudgedRun, paint: Paint): string[] {
  const { word, sign } = VERDICT_WORDS[verdict.verdict];
  const facts = [run.scenario.name, `seed ${run.seed}`, run.stack];
  const pipeline = otherPipeline(run);
  if (pipeline !== undefined) facts.splice(1, 0, `pipeline ${pipeline}`);
  if (run.endedAt !== undefined) facts.push(formatDuration(run.endedAt - run.startedAt));
  const expected = expectedFailure({ run, verdict });
  return [
    `${paint(['bold', VERDICT_COLOUR[verdict.verdict]], `${sign} ${word}`)}  ${facts.map((fact) => clean(fact)).join(' · ')}`,
    ...capLines(wrapAnsi(clean(verdict.sentence), SUMMARY_COLUMNS).split('\n'), expected ? 2 : 3),
    ...(expected ? [clean(expected)] : []),
  ];
}

/** The report's table with all of its rows: a figure that is missing here would pass for 0. */
function table(verdict: JudgedRun['verdict'], paint: Paint): string[] {
  if (verdict.checkpoints.length === 0) return ['No checkpoint was reached.'];
  const rows = outcomeRows(verdict);
  const names = rows.map((row) => (row.group === 'stage' ? `missing, ${row.label}` : row.label));
  const first = Math.max(...names.map((name) => name.length));
  const heads = verdict.checkpoints.map((checkpoint) => CHECKPOINT_WORDS[checkpoint.name]);
  const width = (column: number) =>
    Math.max(heads[column]?.length ?? 0, ...rows.map((row) => formatValue(row.values[column]).length)) + 3;
  const line = (row: OutcomeRow, name: string) =>
    name.padEnd(first) +
    row.values
      .map((value, column) => {
        const text = formatValue(value).padStart(width(column));
        if (!row.bad || !value) return text;
        return paint(column === row.values.length - 1 ? 'red' : 'yellow', text);
      })
      .join('');
  return [
    paint('dim', ' '.repeat(first) + heads.map((head, column) => head.padStart(width(column))).join('')),
    ...rows.map((row, index) => line(row, names[index] ?? '')),
  ];
}

/** What the table needs said, at most four lines. */
function legendLines(judged: JudgedRun, paint: Paint): string[] {
  const text = legend(judged).join(' ');
  return text === ''
    ? []
    : wrapAnsi(text, SUMMARY_COLUMNS)
        .split('\n')
        .map((line) => paint('dim', line));
}

/** At most `limit` lines. */
function faults(run: JudgedRun['run'], limit: number): string[] {
  return labelled('faults', run.faults, limit, 'in the report', (fault) =>
    clean(`${faultName(fault)}: ${faultState(fault)}`),
  );
}

/** At most four lines: a real Langfuse, and what is to be known of it; of the reference pipeline only the latter. */
function target(run: JudgedRun['run']): string[] {
  const langfuse = run.reference ? undefined : langfuseText(run);
  return [
    ...(langfuse === undefined
      ? []
      : labelled('langfuse', [langfuse], 1, 'in the report', (text) => clean(text))),
    ...labelled('target', targetNotes(run), 2, 'in the report', (note) => clean(note)),
  ];
}

/** At most four lines: there and back again. */
function replacements(run: JudgedRun['run']): string[] {
  return labelled('replaced', run.replacements ?? [], 4, 'in the report', (one) =>
    clean(replacementText(one, run)),
  );
}

/** At most two lines. */
function oddTraffic({ oddTraffic: sent = [] }: JudgedRun['run']): string[] {
  return labelled('also sent', sent, 2, 'in the report', (step) =>
    clean(`${cut(step.name, 60)}: ${oddTrafficAnswer(step)}`),
  );
}

/** At most six lines: expectations that did not hold, then reasons that the sentence does not name. */
function misses(verdict: JudgedRun['verdict'], paint: Paint): string[] {
  const missed = verdict.expectations.filter((expectation) => !expectation.held);
  const of = (kind: 'must' | 'shows') =>
    missed
      .filter((expectation) => expectation.kind === kind)
      .map(({ text, seen }) => `${cut(text, LONGEST)} (seen: ${cut(seen, LONGEST)})`);
  const doubts = verdict.reasons
    .filter((reason) => reason.verdict === 'unknown' && !verdict.sentence.includes(reason.text))
    .map((reason) => reason.text);
  const groups = [
    { name: 'missed', lines: of('must'), tone: 'red' },
    { name: 'unknown', lines: doubts, tone: 'yellow' },
    { name: 'not shown', lines: of('shows'), tone: 'reset' },
  ] as const;
  const named = groups.filter((group) => group.lines.length > 0);
  const each = named.length > 1 ? 2 : 3;
  return named.flatMap(({ name, lines, tone }) =>
    labelled(name, lines, each, 'in the report', (line) => paint(tone, clean(line))),
  );
}

/** The first findings, the worst kinds first, as columns, the entity last: of a long id its beginning tells enough. At most `room` lines. */
function events(verdict: JudgedRun['verdict'], room: number): string[] {
  const rows = fairOrder(verdict.findings)
    .slice(0, room)
    .map((finding) => {
      const [outcome = '', stage = '', entity = '', type = ''] = findingColumns(finding).map((text) =>
        clean(text),
      );
      return [...[outcome, stage, type].map((text) => cliTruncate(text, 24)), entity];
    });
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? ''))));
  return labelled('events', verdict.findings, room, 'in verdict.json', (_finding, index) => {
    const line = (rows[index] ?? [])
      .map((text, column) => text + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(text))))
      .join('  ')
      .trimEnd();
    return cliTruncate(line, SUMMARY_COLUMNS - LABEL);
  });
}

/** The last lines, at most three: the command, broken where a shell allows it, or where to find it. */
function repeat(command: string): string[] {
  const room = SUMMARY_COLUMNS - LABEL - 2;
  const text = clean(command);
  if (stringWidth(text) <= room) return [`${label('repeat')}${text}`];
  const lines = wrapAnsi(text, room).split('\n');
  const breakable = lines.length <= 3 && text.length < LONGEST && !/['"\\]/.test(text);
  if (!breakable)
    return [`${label('repeat')}the command is long; it is "command" in the run folder's run.json`];
  return lines.map(
    (line, index) => `${label(index === 0 ? 'repeat' : '')}${line}${index < lines.length - 1 ? ' \\' : ''}`,
  );
}

/** What to do with a run whose faults were drawn by lot and that failed. */
function next({ run, verdict }: JudgedRun, folder: string): string[] {
  if (verdict.verdict !== 'fail' || run.scenario.name !== 'nemesis') return [];
  return [`${label('next')}npx langfuse-chaos shrink ${clean(folder, 'start')}`];
}

function label(text: string): string {
  return text.padEnd(LABEL);
}

/** Lines behind a label; what is over `limit` becomes one line that counts it. */
function labelled<T>(
  name: string,
  items: readonly T[],
  limit: number,
  where: string,
  line: (item: T, index: number) => string,
): string[] {
  const fits = items.length <= limit;
  const lines = items.slice(0, fits ? limit : limit - 1).map(line);
  const hidden = formatCount(items.length - lines.length);
  if (!fits) lines.push(lines.length > 0 ? `… and ${hidden} more ${where}` : `${hidden} ${where}`);
  return lines.flatMap(inLines).map((text, index) => label(index === 0 ? name : '') + text);
}

/** A text in the lines that it takes behind a label; the second and later ones stand a little to the right. */
function inLines(text: string): string[] {
  const room = SUMMARY_COLUMNS - LABEL - 2;
  if (stringWidth(text) <= room + 2) return [text];
  const lines = wrapAnsi(text, room, { hard: true }).split('\n');
  return capLines(lines, LINES_OF_ONE).map((line, index) => (index === 0 ? line : `  ${line}`));
}

function capLines(lines: readonly string[], limit: number): string[] {
  if (lines.length <= limit) return [...lines];
  return [
    ...lines.slice(0, limit - 1),
    `${cliTruncate(lines[limit - 1] ?? '', SUMMARY_COLUMNS - LABEL - 4)} …`,
  ];
}

/** One line of foreign text, its end (or its start, for a path) left out when it is absurdly long. */
function clean(text: string, drop: 'start' | 'end' = 'end'): string {
  if (drop === 'end') return printable(cut(text, LONGEST));
  return cliTruncate(printable(text.slice(-LONGEST)), SUMMARY_COLUMNS - LABEL, { position: 'start' });
}
