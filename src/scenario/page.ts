import type { Scenario, TimelineStep } from './scenario.ts';
import { WAY_NUMBERS, WAYS } from './ways.ts';

/** A scenario and what only a look at its recording or generator can tell. */
export interface ScenarioEntry {
  readonly scenario: Scenario;
  /** Length of its traffic. */
  readonly trafficMs: number;
}

/**
 * The README of `scenarios/`, in Markdown: every scenario with what it proves and does, and every known way to lose
 * events with the scenarios that make it happen. The same entries give the same text, to the byte.
 */
export function renderScenarioPage(entries: readonly ScenarioEntry[]): string {
  return `${[
    '# Scenarios',
    '',
    'One scenario a file, `<name>.ts`. Made by `npm run docs` from the files; change those.',
    '',
    '```sh',
    'npx langfuse-chaos run clickhouse-blip --seed 7   # carry one out',
    'npx langfuse-chaos plan clickhouse-blip           # see what it would do',
    '```',
    '',
    'The verdict is that of Langfuse v3.36.0. **Pass** does not mean that nothing was missing: it means that everything acknowledged was',
    'there and right at the last checkpoint, after the retry of the failed jobs and the replay from S3. **Fail**: something is missing at the',
    'end, or was seen and vanished, or is altered or doubled; in brackets the only reasons for which the run may fail.',
    '',
    'So `run --all` ends with code 1. `run --all --as-expected` is the gate: it ends with 0 when every run ended as it says here, and for the',
    'reasons that it says. [docs/scenarios.md](../docs/scenarios.md) explains how to write one.',
    '',
    row('scenario', 'what it proves', 'reproduces', 'ways', 'what is done', 'traffic', 'verdict'),
    row('---', '---', '---', '---', '---', '---:', '---'),
    ...entries.map(scenarioRow),
    '',
    '## Ways to lose an event that was acknowledged',
    '',
    'Each known way in which an event that Langfuse v3.36.0 acknowledged fails to arrive, or arrives wrong (of another version where one is named), and the scenarios that make it happen.',
    '',
    row('way', 'what goes wrong', 'a copy is in', 'what brings it back', 'scenarios'),
    row('---', '---', '---', '---', '---'),
    ...WAY_NUMBERS.map((number) => {
      const { what, copyIn, remedy } = WAYS[number];
      const shown = entries.filter(({ scenario }) => scenario.ways?.includes(number));
      return row(number, what, copyIn, remedy, shown.map(({ scenario }) => link(scenario.name)).join(', '));
    }),
  ].join('\n')}\n`;
}

function scenarioRow({ scenario, trafficMs }: ScenarioEntry): string {
  const { name, proves, reproduces = '', ways = [], timeline } = scenario;
  return row(
    link(name),
    proves,
    reproduces,
    ways.join(', '),
    [...new Set(timeline.map(stepText))].join('; ') || 'no fault',
    secondsText(trafficMs),
    expectedText(scenario),
  );
}

/** Milliseconds as seconds, to a tenth. */
export function secondsText(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** How a run of it against Langfuse v3.36.0 ends, and why if it fails. */
export function expectedText({ failsOnV3360With }: Scenario): string {
  return failsOnV3360With ? `fail (${failsOnV3360With.join(', ')})` : 'pass';
}

function stepText(step: TimelineStep): string {
  if ('fault' in step) return `\`${step.fault.name}\` on ${step.fault.on.replace('->', '→')}`;
  if ('send' in step) return `sends \`${step.send.name}\``;
  if ('inTurn' in step) {
    const names = [...new Set(step.inTurn.map(({ fault }) => `\`${fault.name}\``))];
    return `${step.inTurn.length} faults in turn, asking every endpoint: ${names.join(', ')}`;
  }
  if ('replace' in step)
    return step.by === 'other' ? `replaces ${step.replace} by another version` : `puts ${step.replace} back`;
  if ('probe' in step) return 'asks every endpoint';
  return step.recover.startsWith('guide') ? 'follows the common guide' : step.recover;
}

function link(name: string): string {
  return `[\`${name}\`](${name}.ts)`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
