import { ChaosError } from '../../base/errors.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { parseScenario } from '../../scenario/schema.ts';
import type { StackSpec } from '../../stack/spec.ts';
import { judgeRun } from '../judge-run.ts';
import { loadScenario } from '../load-scenario.ts';
import { forBoth } from '../own-back-off.ts';
import { requirePossible, whyImpossible } from '../possible.ts';
import type { RunFolder } from '../run-folder.ts';
import type { FinishedRun } from '../run-scenario.ts';
import type { Side } from './side.ts';

/** What is run unless scenarios are named: nothing wrong, loss that no queue shows, a long outage, a worker that dies, a queue that dies. */
export const DEFAULT_SCENARIOS = [
  'steady-state',
  'clickhouse-blip',
  'clickhouse-outage',
  'worker-killed',
  'redis-killed-aof',
] as const;

/** One run of a pair: one that lies there, or the stack that it is still to be made on. */
export type Half = { readonly stored: FinishedRun } | { readonly spec: StackSpec };

/** Two runs of one scenario that are compared. */
export interface Pair {
  /** As it is carried out on both. */
  readonly scenario: Scenario;
  readonly seed: string;
  readonly from: Half;
  readonly to: Half;
}

/** What a comparison is of. */
export interface PairsPlan {
  readonly pairs: readonly Pair[];
  /** Scenarios that are left out, and why, in sentences. */
  readonly leftOut: readonly string[];
}

/** What was asked for. */
export interface PairsOptions {
  readonly from: Side;
  readonly to: Side;
  /** Names or paths; those of the stored runs, or {@link DEFAULT_SCENARIOS}, unless given. */
  readonly scenarios?: readonly string[];
  /** Undefined unless given. */
  readonly seed?: string;
}

/**
 * Finds the pairs of runs that a comparison is of. With a stored run on one side its scenario and seed are those of the other, too.
 *
 * @param newSeed makes a seed, where none is given
 * @throws ChaosError `E_USAGE` when there is none, `E_SCENARIO`, `E_RUN_FOLDER`, `E_NOT_ON_STACK` when a scenario that was named can't be run
 */
export async function planPairs(options: PairsOptions, newSeed: () => string): Promise<PairsPlan> {
  const { from, to, seed, scenarios } = options;
  if (from.kind === 'stack' && to.kind === 'stack')
    return onStacks(from.spec, to.spec, scenarios, seed ?? newSeed());
  if (seed !== undefined) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `--seed ${seed} was given, and a stored run, which has a seed of its own.`,
      remedy: 'leave out --seed.',
    });
  }
  return withStored(from, to, scenarios);
}

async function onStacks(
  from: StackSpec,
  to: StackSpec,
  named: readonly string[] | undefined,
  seed: string,
): Promise<PairsPlan> {
  const leftOut: string[] = [];
  const scenarios = (
    await Promise.all((named ?? DEFAULT_SCENARIOS).map((name) => loadScenario(name, to)))
  ).filter((scenario) => {
    if (named) for (const spec of [from, to]) requirePossible(scenario, spec);
    const [why] = [from, to].flatMap((spec) => whyImpossible(scenario, spec));
    if (why !== undefined) leftOut.push(`${scenario.name}: ${why}`);
    return why === undefined;
  });
  const pairs = scenarios.map((scenario) => ({
    scenario: forBoth(scenario, from, to),
    seed,
    from: { spec: from },
    to: { spec: to },
  }));
  return required({ pairs, leftOut });
}

function withStored(from: Side, to: Side, named: readonly string[] | undefined): PairsPlan {
  const [left, right] = [from, to].map((side) =>
    side.kind === 'runs' ? byScenario(side.folders) : undefined,
  );
  const names = [...new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])];
  const leftOut = (named ?? [])
    .filter((name) => !names.includes(name))
    .map((name) => `${name}: no run of it was named`);
  const pairs = names
    .filter((name) => named === undefined || named.includes(name))
    .flatMap((name): Pair[] => {
      const [first, second] = [half(from, left, name), half(to, right, name)];
      const stored = left?.get(name) ?? right?.get(name);
      if (!stored) return [];
      if (!first || !second) {
        leftOut.push(`${name}: of the two sides only one has a run of it`);
        return [];
      }
      const { folder, run } = stored;
      const scenario = parseScenario(folder.readScenario(), folder.scenarioFile);
      for (const each of [first, second]) if ('spec' in each) requirePossible(scenario, each.spec);
      return [{ scenario, seed: run.seed, from: first, to: second }];
    });
  return required({ pairs, leftOut });
}

function half(side: Side, stored: Map<string, FinishedRun> | undefined, name: string): Half | undefined {
  if (side.kind === 'stack') return { spec: side.spec };
  const run = stored?.get(name);
  return run && { stored: run };
}

function byScenario(folders: readonly RunFolder[]): Map<string, FinishedRun> {
  const runs = new Map<string, FinishedRun>();
  for (const folder of folders) {
    const run = { ...judgeRun(folder), folder };
    const { name } = run.run.scenario;
    const other = runs.get(name);
    if (other) {
      throw new ChaosError({
        code: 'E_USAGE',
        happened: `Two runs of ${name} are on one side: ${other.folder.name} and ${folder.name}.`,
        remedy: 'leave out one of them.',
      });
    }
    runs.set(name, run);
  }
  return runs;
}

function required(plan: PairsPlan): PairsPlan {
  if (plan.pairs.length > 0) return plan;
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `There is nothing to compare.${plan.leftOut.map((text) => `\n${text}`).join('')}`,
    expected: 'at least one scenario that both sides have a run of, or can be run on',
    remedy: 'name others with --scenarios, or other runs.',
  });
}
