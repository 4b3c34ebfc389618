import { shownValue } from '../base/secret-settings.ts';
import {
  CHECKPOINT_AFTER,
  type Expectation,
  type ReplaceStep,
  type Scenario,
  type TimelineStep,
} from './scenario.ts';

/**
 * The timeline of a scenario as a tree of text, with the seed: what `plan` prints before anything runs. The same scenario
 * and seed give the same text, to the byte.
 *
 * @param trafficText what the traffic amounts to, which only a look at the recording or generator can tell
 * @param versions what is tested and what it is replaced by, in words, where the scenario replaces something
 */
export function renderPlan(
  scenario: Scenario,
  seed: string,
  trafficText: string,
  versions?: PlannedVersions,
): string {
  const lines = [`${scenario.name} (seed ${seed})`, `├─ proves: ${scenario.proves}`];
  if (scenario.reproduces) lines.push(`├─ reproduces: ${scenario.reproduces}`);
  for (const [process, settings] of Object.entries(scenario.settings ?? {})) {
    for (const [name, value] of Object.entries(settings))
      lines.push(`├─ setting: ${process} ${name}=${shownValue(name, value)}`);
  }
  if (versions) lines.push(`├─ versions: own ${versions.own}, other ${versions.other}`);
  lines.push(`├─ traffic: ${trafficText}`);
  lines.push(
    ...branch('├─', 'timeline (seconds since the traffic began)', timelineTexts(scenario.timeline, versions)),
  );
  lines.push(...branch('├─', 'after the traffic', afterTexts(scenario)));
  lines.push(...branch('└─', 'expects', scenario.expect.map(expectationText)));
  return `${lines.join('\n')}\n`;
}

/** The versions of a plan with replacements, each in a word such as `embedded:safe`. */
export interface PlannedVersions {
  readonly own: string;
  readonly other: string;
}

function branch(stem: '├─' | '└─', title: string, items: readonly string[]): string[] {
  const indent = stem === '├─' ? '│  ' : '   ';
  const shown = items.length > 0 ? items : ['nothing'];
  return [
    `${stem} ${title}`,
    ...shown.map((item, index) => `${indent}${index === shown.length - 1 ? '└─' : '├─'} ${item}`),
  ];
}

function timelineTexts(timeline: readonly TimelineStep[], versions: PlannedVersions | undefined): string[] {
  const moments = timeline.flatMap((step) => {
    if ('probe' in step) return [{ at: step.at, text: `ask every endpoint: ${step.probe}` }];
    if ('inTurn' in step)
      return step.inTurn.map(({ fault: { name, on, ...rest }, probe }, index) => ({
        at: step.at,
        text: `${index === 0 ? 'one after another: ' : 'then '}${name} on ${on}${parametersText(rest)}, ask: ${probe}`,
      }));
    if ('replace' in step) return [{ at: step.at, text: replaceText(step, versions) }];
    if ('recover' in step) return [{ at: step.at, text: `carry out: ${step.recover}` }];
    if ('send' in step) {
      const { name, ...rest } = step.send;
      return [{ at: step.at, text: `send ${name}${parametersText(rest)}` }];
    }
    const { name, on, ...rest } = step.fault;
    const what = `${name} on ${on}${parametersText(rest)}`;
    return [
      { at: step.at, text: `inject ${what}` },
      { at: step.at + step.for, text: `recover ${what}` },
    ];
  });
  moments.sort((a, b) => a.at - b.at);
  const width = String(moments.length).length;
  return moments.map(
    ({ at, text }, index) => `${String(index + 1).padStart(width)}. ${at.toFixed(1).padStart(6)} s  ${text}`,
  );
}

/** What a replacement does, in words. */
function replaceText({ replace, by }: ReplaceStep, versions: PlannedVersions | undefined): string {
  const name = versions ? ` (${versions[by]})` : '';
  return by === 'other'
    ? `replace ${replace} by the other version${name}`
    : `put the own ${replace} back${name}`;
}

function parametersText(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    .join('');
}

function afterTexts(scenario: Scenario): string[] {
  const isFaulty = scenario.timeline.some((step) => 'fault' in step || 'inTurn' in step);
  return [
    `${isFaulty ? 'heal every fault; ' : ''}checkpoint heal`,
    `settle within ${scenario.settleTimeout ?? DEFAULT_SETTLE_TIMEOUT} s; checkpoint settled`,
    ...scenario.recovery.map((step) => `${step}, settle; checkpoint ${CHECKPOINT_AFTER[step]}`),
    'judge',
  ];
}

function expectationText(expectation: Expectation): string {
  return `${expectation.kind === 'must' ? 'must' : 'shows'}: ${expectation.text}`;
}

/** Seconds that a stack may take to come to rest, where the scenario does not say. */
export const DEFAULT_SETTLE_TIMEOUT = 120;

/** Seconds after which an acknowledged event that was not seen is late, where the scenario does not say. */
export const DEFAULT_VISIBILITY_BUDGET = 30;
