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
    'there and right at the last checkpoint, after the retry of the failed jobs and the replay from S3. **Fail** means that nothing brings',
    'everything back; it names the only reasons for which the run may fail.',
    '',
    row('scenario', 'what it proves', 'reproduces', 'ways', 'what is done', 'traffic', 'verdict'),
    row('---', '---', '---', '---', '---', '---:', '---'),
    ...entries.map(scenarioRow),
    '',
    '## Ways to lose an event that was acknowledged',
    '',
    'Each known way in which an event that Langfuse v3.36.0 answered with 201 fails to arrive, or arrives wrong, and the scenarios that make it happen.',
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
  const { name, proves, reproduces = '', ways = [], timeline, failsOnV3360With } = scenario;
  return row(
    link(name),
    proves,
    reproduces,
    ways.join(', '),
    [...new Set(timeline.map(stepText))].join('; ') || 'no fault',
    `${Math.round(trafficMs / 100) / 10} s`,
    failsOnV3360With ? `fail: ${failsOnV3360With.join(', ')}` : 'pass',
  );
}

function stepText(step: TimelineStep): string {
  if ('fault' in step) return `\`${step.fault.name}\` on ${step.fault.on.replace('->', '→')}`;
  if ('send' in step) return `sends \`${step.send.name}\``;
  if ('inTurn' in step) {
    const names = [...new Set(step.inTurn.map(({ fault }) => `\`${fault.name}\``))];
    return `${step.inTurn.length} faults in turn, asking every endpoint: ${names.join(', ')}`;
  }
  if ('probe' in step) return 'asks every endpoint';
  return step.recover.startsWith('guide') ? 'follows the common guide' : step.recover;
}

function link(name: string): string {
  return `[\`${name}\`](${name}.ts)`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
