import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import { ChaosError } from '../base/errors.ts';
import { loadScenario, scenarioNames } from '../run/load-scenario.ts';
import { asSentTo, forTarget } from '../run/own-back-off.ts';
import { replacementsOf, whyImpossible } from '../run/possible.ts';
import { labelOf, type PlannedRun } from '../run/run-many.ts';
import {
  type Axis,
  combinations,
  parseAxis,
  parseSetting,
  requireEffect,
  type Setting,
  settingText,
  withSettings,
} from '../run/settings.ts';
import { renderPlan } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import { overOtlp } from '../traffic/traffic.ts';
import { confirmFaults, YES_FLAG } from './confirm-faults.ts';
import { JUNIT_OPTION } from './junit-file.ts';
import { collect, parseJobs } from './option-values.ts';
import { trafficText } from './plan.ts';
import { commandText } from './shell-words.ts';
import { carryOutAndShow } from './show-runs.ts';
import {
  addStackOptions,
  addUpgradeOption,
  otherOf,
  type StackFlags,
  seedWords,
  specOf,
  stackWords,
} from './stack-options.ts';

/** What `npm start` runs. */
const DEFAULT_SCENARIO = 'clickhouse-outage';
interface RunFlags extends StackFlags {
  readonly all?: boolean;
  readonly jobs: number;
  readonly set: readonly Setting[];
  readonly matrix: readonly Axis[];
  readonly seed?: string;
  readonly asExpected?: boolean;
  readonly yesInjectFaults?: boolean;
  readonly upgradeTo?: string;
  readonly traffic?: 'otlp';
  readonly json?: boolean;
  readonly junit?: string;
}

/** `run [SCENARIO or FILE…]` */
export function runCommand(): Command {
  return addUpgradeOption(addStackOptions(new Command('run')))
    .description('run scenarios, each on a fresh stack, and judge every event')
    .argument(
      '[scenarios...]',
      `names of the catalogue or paths of scenario files; ${DEFAULT_SCENARIO} unless told`,
    )
    .option('--all', 'run the whole catalogue')
    .option('--jobs <count>', 'stacks at a time', parseJobs, 1)
    .option('--seed <seed>', 'repeat the traffic of an earlier run, byte for byte')
    .option(
      '--set <process.NAME=value>',
      'a variable of web or worker, or of both without a process; may be repeated',
      collect(parseSetting),
      [],
    )
    .option(
      '--matrix <process.NAME=value,…>',
      'run every combination of these values and compare; may be repeated',
      collect(parseAxis),
      [],
    )
    .addOption(
      new Option(
        '--traffic <protocol>',
        'send traces and observations as spans over OTLP, whatever the scenario says',
      ).choices(['otlp']),
    )
    .option('--as-expected', 'exit code 0 when every run ended as v3.36.0 is expected to end, fail included')
    .option(YES_FLAG, 'inject the faults at an external target without asking')
    .option('--json', 'print the verdicts as JSON on standard output, progress on standard error')
    .option(...JUNIT_OPTION)
    .addHelpText(
      'after',
      `
Examples:
  langfuse-chaos run steady-state clickhouse-blip
  langfuse-chaos run ./mine.ts --seed 42
  langfuse-chaos run --all --jobs 2 --as-expected --junit junit.xml
  langfuse-chaos run clickhouse-outage --pipeline safe
  langfuse-chaos run clickhouse-blip --traffic otlp
  langfuse-chaos run clickhouse-blip --set worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=1000
  langfuse-chaos run clickhouse-blip --matrix worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=3,1000`,
    )
    .action(async (named: string[], flags: RunFlags) => {
      const seed = flags.seed ?? String(randomInt(1_000_000));
      const asked = specOf(flags);
      const other = otherOf(asked, flags);
      const runs = await plan(named, flags, seed, asked);
      const spec = await confirmFaults(
        asked,
        runs.map(({ scenario }) => scenario),
        { yes: flags.yesInjectFaults ?? false, input: process.stdin, output: process.stderr },
      );
      showReplacements(runs, seed, { spec, other }, flags.json ? process.stderr : process.stdout);
      await carryOutAndShow({
        runs,
        seed,
        jobs: flags.jobs,
        isMatrix: flags.matrix.length > 0,
        asExpected: flags.asExpected ?? false,
        spec,
        other,
        json: flags.json ?? false,
        junit: flags.junit,
      });
    });
}

/** What is replaced by what is seen before it is done: the plan of each scenario that does so. */
function showReplacements(
  runs: readonly PlannedRun[],
  seed: string,
  { spec, other }: { readonly spec: StackSpec; readonly other: StackSpec | undefined },
  out: NodeJS.WriteStream,
): void {
  for (const each of new Set(runs.map((run) => run.scenario))) {
    const scenario = asSentTo(forTarget(each, spec), spec);
    // One that can't be run is refused next, and its plan would hide why.
    if (!other || replacementsOf(scenario).length === 0 || whyImpossible(each, spec, other).length > 0)
      continue;
    const versions = { own: specText(spec), other: specText(other) };
    out.write(`${renderPlan(scenario, seed, trafficText(scenario, seed), versions)}\n`);
  }
}

/** Every run of the command: each scenario with each combination of settings. */
async function plan(
  named: readonly string[],
  flags: RunFlags,
  seed: string,
  spec: StackSpec,
): Promise<PlannedRun[]> {
  if (flags.all && named.length > 0) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `Both --all and ${named.join(', ')} were given.`,
      remedy: 'leave out one of them.',
    });
  }
  const names = flags.all ? scenarioNames() : named.length > 0 ? named : [DEFAULT_SCENARIO];
  const loaded = await Promise.all(names.map((name) => loadScenario(name, spec)));
  const scenarios = flags.traffic === 'otlp' ? loaded.map(sentOverOtlp) : loaded;
  requireEffect(spec, [...flags.set, ...flags.matrix]);
  const variants = combinations(flags.matrix);
  return scenarios.flatMap((scenario, index) =>
    variants.map((varied) => {
      const settings = [...flags.set, ...varied];
      const words = [
        names[index] ?? '',
        ...seedWords(seed, spec),
        ...settings.flatMap((each) => ['--set', settingText(each)]),
        ...stackWords(spec),
        ...(flags.upgradeTo === undefined ? [] : ['--upgrade-to', flags.upgradeTo]),
        ...(flags.traffic === undefined ? [] : ['--traffic', flags.traffic]),
        ...(flags.yesInjectFaults ? [YES_FLAG] : []),
      ];
      return {
        label: labelOf(scenario, varied),
        scenario: withSettings(scenario, settings),
        varied,
        command: commandText(['run', ...words]),
      };
    }),
  );
}

/** The scenario with its traces and observations as spans. */
function sentOverOtlp(scenario: Scenario): Scenario {
  const traffic = overOtlp(scenario.traffic);
  if (traffic) return { ...scenario, traffic };
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `The traffic of ${scenario.name} is a recording of events of the ingestion API, which has no counterpart over OTLP.`,
    expected: 'a recording of the same name with -otel before .jsonl beside it',
    remedy: 'leave out --traffic, or make such a recording with `langfuse-chaos traffic record`.',
  });
}
