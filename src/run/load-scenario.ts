import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { didYouMean } from '../base/did-you-mean.ts';
import { ChaosError, messageOf } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { bindFault } from '../faults/catalogue.ts';
import { idleBefore } from '../scenario/idle.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { parseScenario } from '../scenario/schema.ts';
import { DEFAULT_SPEC, type StackSpec } from '../stack/spec.ts';
import { bindOddTraffic } from '../traffic/odd/catalogue.ts';
import { openTraffic } from '../traffic/traffic.ts';
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
    throw new ChaosError({
      code: 'E_SCENARIO',
      happened: `${path} can't be loaded: ${messageOf(error)}`,
      expected: 'a TypeScript module with a default export of the type Scenario',
      remedy: 'correct the file; scenarios/steady-state.ts is a small example.',
      cause: error,
    });
  }
  const scenario = parseScenario(exported.default, path);
  for (const [index, step] of scenario.timeline.entries()) {
    const place = `${path}, timeline[${index}]`;
    if ('fault' in step) at(place, () => bindFault(step.fault));
    if ('inTurn' in step) for (const { fault } of step.inTurn) at(place, () => bindFault(fault));
    if ('send' in step) at(place, () => bindOddTraffic(step.send));
  }
  at(`${path}, settings`, () => requireTakenBy(spec, settingsOf(scenario)));
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

/** Says of a mistake where it is. */
function at(place: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ChaosError)) throw error;
    const { parts } = error;
    throw new ChaosError({
      ...parts,
      code: 'E_SCENARIO',
      happened: `${place}: ${parts.happened}`,
      cause: error,
    });
  }
}

/** How long a recording lasts does not depend on the seed. */
function secondsOf(traffic: Scenario['traffic']): number {
  return traffic.kind === 'generated'
    ? traffic.duration
    : openTraffic(traffic, createRandom('')).durationMs / 1000;
}
