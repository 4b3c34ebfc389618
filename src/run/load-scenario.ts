import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { didYouMean } from '../base/did-you-mean.ts';
import { ChaosError, messageOf } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { bindFault } from '../faults/catalogue.ts';
import { idleBefore } from '../scenario/idle.ts';
import { probeLabels } from '../scenario/probe-labels.ts';
import type { Expectation, Scenario, TimelineStep } from '../scenario/scenario.ts';
import { parseScenario } from '../scenario/schema.ts';
import { DEFAULT_SPEC, type StackSpec } from '../stack/spec.ts';
import { bindOddTraffic } from '../traffic/odd/catalogue.ts';
import { openTraffic } from '../traffic/traffic.ts';
import { placeOfError } from './place-of-error.ts';
import { requireTakenBy, settingsOf } from './settings.ts';

/** The catalogue of scenarios that come with the project. */
const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** Names of the scenarios that come with the project, sorted. */
export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
}

/**
 * A scenario of the catalogue by its name, or a user's own by the path of its TypeScript file.
 *
 * @param spec what it is to be run on, which has to know its settings
 * @throws ChaosError `E_SCENARIO` when there is none, it can't be loaded, or something in it does not fit
 */
export async function loadScenario(nameOrPath: string, spec: StackSpec = DEFAULT_SPEC): Promise<Scenario> {
  const own = resolve(nameOrPath);
  const isPath = /[./\\]/.test(nameOrPath);
  const path = isPath ? own : join(SCENARIOS, `${nameOrPath}.ts`);
  if (!existsSync(path)) {
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: isPath
        ? `There is no file ${own}.`
        : `There is no scenario named "${nameOrPath}".${didYouMean(nameOrPath, scenarioNames())}`,
      expected: `the path of a TypeScript file, or one of ${scenarioNames().join(', ')}`,
      remedy: 'name one of them; `langfuse-chaos list` says what each proves.',
    });
  }
  let exported: { default?: unknown };
  try {
    exported = await import(pathToFileURL(path).href);
  } catch (error) {
    const place = placeOfError(error, path);
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `${path} can't be loaded: ${place === undefined ? '' : `${place}: `}${messageOf(error)}`,
      expected: 'a TypeScript module with a default export of the type Scenario',
      remedy: 'correct the file; scenarios/steady-state.ts is a small example.',
      cause: error,
    });
  }
  const scenario = parseScenario(exported.default, path);
  requireRight(path, [
    ...scenario.timeline.flatMap((step, index) => {
      const place = `timeline[${index}]`;
      if ('fault' in step) return mistakeAt(place, () => bindFault(step.fault));
      if ('inTurn' in step)
        return step.inTurn.flatMap(({ fault }) => mistakeAt(place, () => bindFault(fault)));
      return 'send' in step ? mistakeAt(place, () => bindOddTraffic(step.send)) : [];
    }),
    ...scenario.expect.flatMap((each, index) =>
      mistakeAt(`expect[${index}]`, () => requireProbe(each, scenario.timeline)),
    ),
    ...mistakeAt('settings', () => requireTakenBy(spec, settingsOf(scenario))),
  ]);
  const idle = idleBefore(scenario.timeline, secondsOf(scenario.traffic));
  if (idle) {
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `${path}: ${idle}.`,
      expected: 'seconds since the traffic began, each step at most a minute after what comes before it',
      remedy: 'correct its `at`, or let the traffic last longer.',
    });
  }
  // Last: in a copied file it is the least of the mistakes, and would hide the others.
  if (scenario.name !== basename(path, '.ts')) {
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `${path} holds a scenario named "${scenario.name}".`,
      expected: `the name of its file, "${basename(path, '.ts')}": runs and reports go by it`,
      remedy: 'change the name inside or that of the file.',
    });
  }
  return scenario;
}

/** An expectation of a probe that is never made would only be found out at the end of the run. */
function requireProbe(expectation: Expectation, timeline: readonly TimelineStep[]): void {
  if (expectation.about !== 'probe') return;
  const labels = probeLabels(timeline);
  const { label } = expectation;
  if (labels.includes(label)) return;
  throw new ChaosError({
    code: 'E_SCENARIO',
    happened: `No probe of the timeline has the label "${label}".${didYouMean(label, labels)}`,
    expected:
      labels.length > 0
        ? `one of ${[...new Set(labels)].map((each) => `"${each}"`).join(', ')}`
        : 'a step with `probe` in the timeline, which has none',
    remedy: 'correct the label, or add the probe.',
  });
}

/** What is wrong in one place of a scenario. */
interface Mistake {
  readonly place: string;
  readonly error: ChaosError;
}

/** @returns what a check of that place refuses; empty when it is right */
function mistakeAt(place: string, check: () => unknown): Mistake[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ChaosError)) throw error;
    return [{ place, error }];
  }
}

/** Tells all mistakes at once, each with what was expected there. @throws ChaosError `E_SCENARIO` unless there is none */
function requireRight(path: string, mistakes: readonly Mistake[]): void {
  const [first, ...others] = mistakes;
  if (!first) return;
  if (others.length === 0) {
    const { place, error } = first;
    const happened = `${path}, ${place}: ${error.parts.happened}`;
    throw new ChaosError({ ...error.parts, code: 'E_SCENARIO', happened, cause: error });
  }
  const told = new Set<string>();
  const lines = mistakes.flatMap(({ place, error: { parts } }) => {
    // The names of a whole catalogue are worth reading once.
    const expected = parts.expected !== undefined && !told.has(parts.expected) ? [parts.expected] : [];
    for (const text of expected) told.add(text);
    return [`    ${place}: ${parts.happened}`, ...expected.map((text) => `      expected: ${text}`)];
  });
  throw new ChaosError({
    code: 'E_SCENARIO',
    happened: `${path} has ${mistakes.length} mistakes:\n${lines.join('\n')}`,
    remedy:
      'correct them; docs/faults.md says what each fault and each kind of odd traffic takes, and `langfuse-chaos plan FILE` checks a file without starting anything.',
  });
}

/** How long a recording lasts does not depend on the seed. */
function secondsOf(traffic: Scenario['traffic']): number {
  return traffic.kind === 'generated'
    ? traffic.duration
    : openTraffic(traffic, createRandom('')).durationMs / 1000;
}
