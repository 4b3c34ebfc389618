import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { suitesOfComparison } from '../report/compare/junit.ts';
import {
  DEFAULT_LIMITS,
  type Limit,
  type Limits,
  limitOption,
  limitText,
  parseLimit,
} from '../report/compare/limits.ts';
import { type ComparisonReport, wordOfAll } from '../report/compare/report.ts';
import { renderComparison } from '../report/compare/terminal.ts';
import type { TestSuite } from '../report/junit.ts';
import { suiteOfNoRun } from '../report/junit-run.ts';
import { compareRuns, type Outcome } from '../run/compare/compare-runs.ts';
import { ComparisonFolder } from '../run/compare/comparison-folder.ts';
import { DEFAULT_SCENARIOS, type Half, type Pair, planPairs } from '../run/compare/plan-pairs.ts';
import { parseSide, type Side, sideText } from '../run/compare/side.ts';
import type { PlannedRun, RunResult } from '../run/run-many.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import { requireStartable } from '../stack/stacks.ts';
import { YES_FLAG } from './confirm-faults.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { JUNIT_OPTION, NOT_BEGUN, writeJunit } from './junit-file.ts';
import { listOf, parseJobs } from './option-values.ts';
import { commandText } from './shell-words.ts';
import { carryOut } from './show-runs.ts';
import { seedWords } from './stack-options.ts';

interface CompareFlags extends Partial<Limits> {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly scenarios?: readonly string[];
  readonly seed?: string;
  readonly jobs: number;
  readonly json?: boolean;
  readonly junit?: string;
  readonly yesInjectFaults?: boolean;
}

/** What each limit is about, in the order of the help. */
const LIMIT_TEXTS: Readonly<Record<keyof Limits, string>> = {
  moreLost: 'events lost in the end',
  moreWrong: 'events doubled, altered, vanished, leaked or unexpected in the end, each kind by itself',
  moreBlind: 'missing events that no queue shows, once it has come to rest by itself',
  moreMissing: 'missing events, once it has come to rest by itself',
  moreLate: 'events that did not land by themselves in time: late, brought back or lost',
  moreRefused: 'events refused, also one by one inside a 207',
  moreIndeterminate: 'events of which no answer tells whether they were taken',
  moreErrors: 'requests of the traffic without a 2xx',
  slowerBy: 'how much longer it may take to recover; 10 s are always allowed',
};
const LIMIT_NAMES = Object.keys(LIMIT_TEXTS) as (keyof Limits)[];

/** `compare --from STACK --to STACK` */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      'run the same scenarios with the same traffic on two stacks, and say whether the second is worse',
    )
    .requiredOption(
      '--from <stack>',
      'embedded, embedded:safe, source:FOLDER, docker:VERSION, external:FILE, or a stored run, run:FOLDER; of stored runs there may be several',
      several,
    )
    .requiredOption('--to <stack>', 'the same', several)
    .option(
      '--scenarios <names>',
      `names or paths, separated by commas; ${DEFAULT_SCENARIOS.join()} unless told`,
      listOf,
    )
    .option('--seed <seed>', 'the seed of the traffic')
    .option('--jobs <count>', 'stacks at a time', parseJobs, 1);
  for (const name of LIMIT_NAMES) {
    const text = `${LIMIT_TEXTS[name]} (${limitText(DEFAULT_LIMITS[name])})`;
    command.option(`${limitOption(name)} <limit>`, text, name === 'slowerBy' ? percentageOf : limitOf);
  }
  return command
    .option(YES_FLAG, 'inject the faults at external targets; without it those are left out there')
    .option('--json', 'print the comparison as JSON on standard output, progress on standard error')
    .option(...JUNIT_OPTION)
    .addHelpText(
      'after',
      `
A limit is how much more is not yet worse: a count such as 0, a percentage of what it was such as 25%, or any.

Exit codes: 1 when the second is worse than the limits allow, 2 when what a run comes to is unknown or the two can't be compared,
3 and 4 when one of the two can't be had, which is seen before anything runs, 5 when a run ended with an error, 0 otherwise.

Examples:
  langfuse-chaos compare --from docker:3.36.0 --to docker:3.225.4
  langfuse-chaos compare --from embedded --to embedded:safe --scenarios clickhouse-blip --seed 7
  langfuse-chaos compare --from run:reports/before --to run:latest --more-blind 0 --slower-by 20%`,
    )
    .action(compare);
}

async function compare(flags: CompareFlags): Promise<void> {
  const startedAt = systemClock.now();
  // Whatever of what was named can't be had, no file of before is left that says all was well.
  if (flags.junit !== undefined)
    writeJunit(flags.junit, [notYet('compare', commandOf(flags, []), startedAt)]);
  const confirmed = flags.yesInjectFaults ?? false;
  const sides = {
    from: withFaults(parseSide(flags.from, '--from'), confirmed),
    to: withFaults(parseSide(flags.to, '--to'), confirmed),
  };
  const limits = { ...DEFAULT_LIMITS, ...givenLimits(flags) };
  const { scenarios, seed } = flags;
  const { pairs, leftOut } = await planPairs(
    { ...sides, ...(scenarios ? { scenarios } : {}), ...(seed === undefined ? {} : { seed }) },
    () => String(randomInt(1_000_000)),
  );
  const command = commandOf(flags, pairs);
  const suites = pairs.map(({ scenario }) => notYet(`compare ${scenario.name}`, command, startedAt));
  if (flags.junit !== undefined) writeJunit(flags.junit, suites);
  for (const spec of stacksOf(pairs)) await requireStartable(spec);
  const signal = interruptSignal();
  const planned = pairs.map((pair) => ({
    pair,
    from: plannedRun(pair, 'from', command),
    to: plannedRun(pair, 'to', command),
  }));
  const results = await carryOutAll(
    planned.flatMap(({ from, to }) => [from ?? [], to ?? []].flat()),
    flags,
    signal,
  );
  signal.throwIfAborted();
  const folder = new ComparisonFolder(
    `${new Date(startedAt).toISOString().slice(0, 19).replaceAll(':', '-')}-compare`,
  );
  const report: ComparisonReport = {
    version: 1,
    id: folder.name,
    from: sideText(sides.from),
    to: sideText(sides.to),
    command,
    startedAt,
    endedAt: systemClock.now(),
    limits,
    scenarios: planned.map(({ pair, from, to }) => {
      const outcomes = { from: outcomeOf(pair.from, from, results), to: outcomeOf(pair.to, to, results) };
      return compareRuns(pair.scenario.name, outcomes, limits, folder.path);
    }),
    leftOut,
  };
  folder.write(report);
  if (flags.junit !== undefined) writeJunit(flags.junit, suitesOfComparison(report));
  const file = relative(process.cwd(), folder.htmlFile);
  const out = flags.json ? process.stderr : process.stdout;
  out.write(`\n${renderComparison(report, { file, color: out.isTTY })}`);
  if (flags.json) console.log(JSON.stringify(report, null, 2));
  process.exitCode = exitCodeOfComparison(report, results);
}

/** What stands in the JUnit file until the comparison is there. */
function notYet(name: string, command: string, startedAt: number): TestSuite {
  return suiteOfNoRun({ name, startedAt, tookMs: 0, command, error: NOT_BEGUN });
}

/** Worse ranks above what could not be carried out, that above unknown. */
export function exitCodeOfComparison(
  report: Pick<ComparisonReport, 'scenarios'>,
  results: readonly Pick<RunResult, 'outcome'>[],
): number {
  const word = wordOfAll(report);
  if (word === 'worse') return EXIT.fail;
  const failed = results.map(({ outcome }) => outcome).find((outcome) => 'error' in outcome);
  if (failed) return exitCodeOf(failed.error);
  return word === 'unknown' ? EXIT.unknown : EXIT.pass;
}

/** An external target in which faults may be injected, where the user has said so; nobody is asked in the middle of a comparison. */
function withFaults(side: Side, confirmed: boolean): Side {
  if (!confirmed || side.kind !== 'stack' || side.spec.kind !== 'external') return side;
  return { ...side, spec: { ...side.spec, faultsConfirmed: true } };
}

function givenLimits(flags: Partial<Limits>): Partial<Limits> {
  const given = LIMIT_NAMES.map((name) => [name, flags[name]]).filter(([, limit]) => limit !== undefined);
  return Object.fromEntries(given);
}

/** Each stack that runs are still to be made on, once. The second is not found to be missing after all runs of the first. */
function stacksOf(pairs: readonly Pair[]): StackSpec[] {
  const specs = pairs.flatMap(({ from, to }) =>
    [from, to].flatMap((half) => ('spec' in half ? half.spec : [])),
  );
  return [...new Map(specs.map((spec) => [specText(spec), spec])).values()];
}

/** The run that one side of a pair still needs; undefined where it lies there. */
function plannedRun(
  { scenario, seed, ...halves }: Pair,
  side: 'from' | 'to',
  command: string,
): PlannedHalf | undefined {
  const half = halves[side];
  if ('stored' in half) return undefined;
  const { spec } = half;
  return {
    label: `${scenario.name}, ${side} ${specText(spec)}`,
    scenario,
    varied: [],
    // `run` would fit it to what is tested, and not to both.
    command,
    spec,
    seed,
    asGiven: true,
  };
}

/** A run whose stack and seed are its own. */
type PlannedHalf = PlannedRun & Required<Pick<PlannedRun, 'spec' | 'seed'>>;

async function carryOutAll(
  runs: readonly PlannedHalf[],
  { jobs, json = false }: CompareFlags,
  signal: AbortSignal,
): Promise<RunResult[]> {
  const [first] = runs;
  if (!first) return [];
  return carryOut({ runs, seed: first.seed, jobs, spec: first.spec, json, table: 'none' }, signal);
}

function outcomeOf(half: Half, planned: PlannedHalf | undefined, results: readonly RunResult[]): Outcome {
  if ('stored' in half) return { finished: half.stored };
  const outcome = results.find((result) => result.planned === planned)?.outcome;
  if (outcome && 'finished' in outcome) return outcome;
  return { target: specText(half.spec), error: outcome?.error ?? new Error('it was not begun') };
}

/**
 * With the seed in it, where it was not given.
 *
 * @param pairs none before they are planned
 */
function commandOf(flags: CompareFlags, pairs: readonly Pair[]): string {
  // All on two stacks have the same one; with a stored run it is that run's.
  const onStacks = pairs.find(({ from, to }) => 'spec' in from && 'spec' in to);
  const given = flags.seed === undefined ? [] : ['--seed', flags.seed];
  const seed = onStacks ? seedWords(onStacks.seed, ...stacksOf([onStacks])) : given;
  const limits = LIMIT_NAMES.flatMap((name) => {
    const given = flags[name];
    return given ? [limitOption(name), limitText(given)] : [];
  });
  return commandText([
    'compare',
    ...flags.from.flatMap((word) => ['--from', word]),
    ...flags.to.flatMap((word) => ['--to', word]),
    ...(flags.scenarios ? ['--scenarios', flags.scenarios.join()] : []),
    ...seed,
    ...limits,
    ...(flags.yesInjectFaults ? [YES_FLAG] : []),
  ]);
}

/** The values of an option that may be repeated. */
function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Of a time a count would be milliseconds, which nobody means. */
function percentageOf(text: string): Limit {
  const limit = limitOf(text);
  if (!('count' in limit)) return limit;
  throw new InvalidArgumentError('It must be a percentage such as 20%, or any.');
}

function limitOf(text: string): Limit {
  try {
    return parseLimit(text);
  } catch (error) {
    if (error instanceof ChaosError) throw new InvalidArgumentError(`It must be ${error.parts.expected}.`);
    throw error;
  }
}
