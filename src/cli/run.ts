import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { loadScenario, scenarioNames } from '../run/load-scenario.ts';
import { labelOf, type PlannedRun, runMany } from '../run/run-many.ts';
import {
  type Axis,
  combinations,
  parseAxis,
  parseSetting,
  requireRead,
  type Setting,
  settingText,
  withSettings,
} from '../run/settings.ts';
import { startEmbeddedStack } from '../stack/embedded/start.ts';
import { VARIABLES } from '../stack/embedded/variables.ts';
import { PIPELINES, type Pipeline } from '../stack/stack.ts';
import { cleanUp } from './clean-up.ts';
import { interruptSignal } from './interrupt.ts';
import { collect } from './options.ts';
import { exitCodeOfRuns, jsonOf, showRuns } from './show-runs.ts';

/** What `npm start` runs. */
const DEFAULT_SCENARIO = 'clickhouse-outage';
/** Stacks at a time; each takes about 1 GB of memory and a core while it starts. */
const MOST_JOBS = 16;

interface RunFlags {
  readonly all?: boolean;
  readonly jobs: number;
  readonly set: readonly Setting[];
  readonly matrix: readonly Axis[];
  readonly seed?: string;
  readonly pipeline?: Pipeline;
  readonly asExpected?: boolean;
  readonly json?: boolean;
}

/** `run [SCENARIO or FILE…]` */
export function runCommand(): Command {
  return new Command('run')
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
    .addOption(new Option('--pipeline <pipeline>', 'which reference pipeline').choices(PIPELINES))
    .option('--as-expected', 'exit code 0 when every run ended as v3.36.0 is expected to end, fail included')
    .option('--json', 'print the verdicts as JSON on standard output, progress on standard error')
    .addHelpText(
      'after',
      `
Examples:
  langfuse-chaos run steady-state clickhouse-blip
  langfuse-chaos run ./mine.ts --seed 42
  langfuse-chaos run --all --jobs 2 --as-expected
  langfuse-chaos run clickhouse-outage --pipeline safe
  langfuse-chaos run clickhouse-blip --set worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=1000
  langfuse-chaos run clickhouse-blip --matrix worker.LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS=3,1000`,
    )
    .action(async (named: string[], flags: RunFlags) => {
      const seed = flags.seed ?? String(randomInt(1_000_000));
      const runs = await plan(named, flags, seed);
      const signal = interruptSignal();
      await cleanUp();
      const show = showRuns(runs, seed, flags, flags.json ? process.stderr : process.stdout);
      const results = await runMany({
        runs,
        seed,
        jobs: flags.jobs,
        signal,
        clock: systemClock,
        startStack: startEmbeddedStack,
        ...(flags.pipeline ? { stackOptions: { pipeline: flags.pipeline } } : {}),
        openView: show.openView,
        onEnd: show.ended,
      });
      show.done();
      if (flags.json) console.log(JSON.stringify(jsonOf(results, flags.matrix.length > 0), null, 2));
      process.exitCode = exitCodeOfRuns(results, {
        planned: runs.length,
        asExpected: flags.asExpected ?? false,
      });
      signal.throwIfAborted();
      // With several runs each has said its own.
      const [only] = results;
      if (runs.length === 1 && only && 'error' in only.outcome) throw only.outcome.error;
    });
}

/** Every run of the command: each scenario with each combination of settings. */
async function plan(named: readonly string[], flags: RunFlags, seed: string): Promise<PlannedRun[]> {
  if (flags.all && named.length > 0) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `Both --all and ${named.join(', ')} were given.`,
      remedy: 'leave out one of them.',
    });
  }
  const names = flags.all ? scenarioNames() : named.length > 0 ? named : [DEFAULT_SCENARIO];
  const scenarios = await Promise.all(names.map(loadScenario));
  requireRead([...flags.set, ...flags.matrix], VARIABLES);
  const variants = combinations(flags.matrix);
  return scenarios.flatMap((scenario, index) =>
    variants.map((varied) => {
      const settings = [...flags.set, ...varied];
      const words = [
        names[index] ?? '',
        '--seed',
        seed,
        ...settings.flatMap((each) => ['--set', settingText(each)]),
        ...(flags.pipeline ? ['--pipeline', flags.pipeline] : []),
      ];
      return {
        label: labelOf(scenario, varied),
        scenario: withSettings(scenario, settings),
        varied,
        command: `npx langfuse-chaos run ${words.map(quoted).join(' ')}`,
      };
    }),
  );
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new InvalidArgumentError(`it is a whole number from 1 to ${MOST_JOBS}.`);
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
