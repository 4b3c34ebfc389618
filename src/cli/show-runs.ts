import { relative } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { ChaosError, messageOf } from '../base/errors.ts';
import { shownValue } from '../base/secret-settings.ts';
import type { Verdict } from '../checker/verdict.ts';
import { createLiveView, type LiveView, type Output } from '../report/live.ts';
import { type MatrixRow, matrixFigures, renderMatrix } from '../report/matrix-table.ts';
import { renderRunsTable } from '../report/runs-table.ts';
import { renderSummary } from '../report/terminal.ts';
import {
  endedAsExpected,
  expectedVerdict,
  type PlannedRun,
  type RunResult,
  runMany,
} from '../run/run-many.ts';
import { settingName } from '../run/settings.ts';
import type { StackSpec } from '../stack/spec.ts';
import { startStack } from '../stack/stacks.ts';
import { cleanUp } from './clean-up.ts';
import { EXIT, exitCodeOf, exitCodeOfVerdicts, Interrupted } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { suitesOfRuns, writeJunit } from './junit-file.ts';

/** What the runs of one command say while they go on, and at the end. */
interface RunsShow {
  openView(planned: PlannedRun): LiveView;
  /** A run has ended: its summary, or why there is none. */
  ended(result: RunResult): void;
  /** All have ended, or were interrupted: the table of those that came to an end, where there was to be more than one. */
  done(): void;
}

/** How a command wants its runs. */
export interface RunsOfCommand {
  readonly runs: readonly PlannedRun[];
  readonly seed: string;
  /** Stacks at a time. */
  readonly jobs: number;
  /** Whether the runs vary settings, so that their table compares those. */
  readonly isMatrix: boolean;
  /** Whether what counts is that each ended as v3.36.0 is expected to. */
  readonly asExpected: boolean;
  readonly spec: StackSpec;
  /** What web and worker are replaced by, where a scenario does it. */
  readonly other?: StackSpec | undefined;
  /** Whether the verdicts go to standard output as JSON, and all else to standard error. */
  readonly json: boolean;
  /** JUnit file of the whole command. */
  readonly junit?: string | undefined;
}

/** What {@link carryOut} needs of it. */
interface CarriedOut extends Omit<RunsOfCommand, 'asExpected' | 'isMatrix' | 'junit'> {
  readonly asExpected?: boolean;
  readonly table: TableOfRuns;
}

/**
 * Carries out the runs of a command, shows them, and sets the exit code.
 *
 * @throws the interrupt, or what kept the only run from being carried out; with several runs each has said its own
 */
export async function carryOutAndShow(command: RunsOfCommand): Promise<void> {
  const { runs, isMatrix, asExpected, json, junit } = command;
  const signal = interruptSignal();
  const table = isMatrix ? 'matrix' : 'runs';
  const startedAt = systemClock.now();
  const keep = (results: readonly RunResult[]) => {
    if (junit !== undefined) writeJunit(junit, suitesOfRuns(runs, results, startedAt));
  };
  keep([]);
  const results = await carryOut({ ...command, table }, signal);
  if (json) console.log(JSON.stringify(jsonOf(results, isMatrix), null, 2));
  process.exitCode = exitCodeOfRuns(results, { planned: runs.length, asExpected });
  keep(results);
  signal.throwIfAborted();
  const [only] = results;
  if (runs.length === 1 && only && 'error' in only.outcome) throw only.outcome.error;
}

/** What stands below the summaries of several runs. */
type TableOfRuns = 'runs' | 'matrix' | 'none';

/** Carries out the runs of a command and shows them. @returns a result for each run that was begun */
export async function carryOut(
  { runs, seed, jobs, asExpected, spec, other, json, table }: CarriedOut,
  signal: AbortSignal,
): Promise<RunResult[]> {
  await cleanUp();
  const show = showRuns(runs, seed, { jobs, table }, json ? process.stderr : process.stdout);
  const results = await runMany({
    runs,
    seed,
    jobs,
    signal,
    clock: systemClock,
    startStack,
    asExpected,
    spec,
    other,
    openView: show.openView,
    onEnd: show.ended,
  });
  show.done();
  return results;
}

/** Shows the runs of one command; several at a time as plain lines, each with the run's name in front. */
function showRuns(
  runs: readonly PlannedRun[],
  seed: string,
  { jobs, table }: Pick<CarriedOut, 'jobs' | 'table'>,
  out: NodeJS.WriteStream,
): RunsShow {
  const together = jobs > 1 && runs.length > 1;
  const results: RunResult[] = [];
  return {
    openView(planned) {
      const output = together ? inFront(planned.label, out) : out;
      const own = planned.seed ?? seed;
      output.write(`seed ${own}; repeat with: ${planned.command}\n`);
      const title = `${planned.label} · seed ${own}`;
      return createLiveView({ output, clock: systemClock, title, color: out.isTTY }, process.env);
    },
    ended(result) {
      const { outcome, planned } = result;
      if ('error' in outcome && outcome.error instanceof Interrupted) return;
      results.push(result);
      if ('finished' in outcome) {
        const { folder, ...judged } = outcome.finished;
        const summary = { ...judged, folder: relative(process.cwd(), folder.path), color: out.isTTY };
        out.write(`\n${renderSummary(summary)}${runs.length > 1 ? '\n' : ''}`);
      } else if (runs.length > 1) {
        out.write(`\n${planned.label}: ${textOf(outcome.error)}\n\n`);
      }
    },
    done() {
      if (table === 'none' || runs.length === 1 || results.length === 0) return;
      const inOrder = runs.flatMap((planned) => results.find((result) => result.planned === planned) ?? []);
      out.write(
        table === 'matrix' ? renderMatrix(inOrder.map(matrixRow)) : renderRunsTable(inOrder.map(runRow)),
      );
    },
  };
}

/** Of a run that could not be carried out, in the place of its verdict. */
interface BrokenRun {
  readonly verdict: 'error';
  readonly scenario: string;
  readonly text: string;
}

/** What `--json` prints: of each run its verdict, or for a matrix its row, and whether it ended as v3.36.0 is expected to. */
export function jsonOf(
  results: readonly RunResult[],
  isMatrix: boolean,
): readonly ((Verdict | MatrixRow | BrokenRun) & { readonly asExpected: boolean })[] {
  return results.map((result) => {
    const { outcome, planned } = result;
    const asExpected = endedAsExpected(result);
    if (isMatrix) return { ...matrixRow(result), asExpected };
    if ('finished' in outcome) return { ...outcome.finished.verdict, asExpected };
    return { verdict: 'error', scenario: planned.scenario.name, text: messageOf(outcome.error), asExpected };
  });
}

/**
 * The exit code of the runs: fail ranks above an error, an error above unknown, unknown above pass. Without a result for each
 * planned run it is no pass.
 *
 * @param asExpected whether what counts is that each ended as v3.36.0 is expected to
 */
export function exitCodeOfRuns(
  results: readonly RunResult[],
  { planned, asExpected }: { readonly planned: number; readonly asExpected: boolean },
): number {
  const errors = results.flatMap(({ outcome }) => ('error' in outcome ? [outcome.error] : []));
  const judged = results.filter(({ outcome }) => 'finished' in outcome);
  const code = asExpected
    ? judged.every(endedAsExpected)
      ? EXIT.pass
      : EXIT.fail
    : exitCodeOfVerdicts(
        judged.flatMap(({ outcome }) => ('finished' in outcome ? outcome.finished.verdict : [])),
      );
  if (code === EXIT.fail) return code;
  if (errors.length > 0) return exitCodeOf(errors[0]);
  return results.length < planned ? EXIT.unknown : code;
}

function runRow(result: RunResult) {
  const { planned, outcome, tookMs } = result;
  const verdict = 'finished' in outcome ? outcome.finished.verdict : undefined;
  return {
    scenario: planned.label,
    ...(verdict ? { verdict: verdict.verdict } : {}),
    expected: expectedVerdict(planned.scenario),
    asExpected: endedAsExpected(result),
    missed: verdict?.expectations.filter(({ held }) => !held).length ?? 0,
    tookMs,
  };
}

function matrixRow({ planned, outcome }: RunResult): MatrixRow {
  return {
    scenario: planned.scenario.name,
    settings: Object.fromEntries(
      planned.varied.map((each) => [settingName(each), shownValue(each.name, each.value)]),
    ),
    ...('finished' in outcome ? matrixFigures(outcome.finished) : { verdict: 'error' }),
  };
}

/** An output whose lines all begin with a name; nothing is drawn over on it. */
function inFront(name: string, out: Output): Output {
  return {
    write: (text) => out.write(text.replace(/^(?=.)/gm, `${name}  `)),
    isTTY: false,
  };
}

function textOf(error: unknown): string {
  if (error instanceof ChaosError) return `error: ${error.message}`;
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
