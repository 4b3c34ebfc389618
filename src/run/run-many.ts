import pMap from 'p-map';
import { shownValue } from '../base/secret-settings.ts';
import { isAsExpected } from '../checker/as-expected.ts';
import type { LiveView } from '../report/live.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { StackSpec } from '../stack/spec.ts';
import { type FinishedRun, type RunOptions, runScenario } from './run-scenario.ts';
import type { Setting } from './settings.ts';

/** One run of several that one command carries out. */
export interface PlannedRun {
  /** What tells it from the others: the scenario's name, and the values of the settings that are varied. */
  readonly label: string;
  /** With the settings in it. */
  readonly scenario: Scenario;
  /** The settings that differ between the runs of the command; empty when none does. */
  readonly varied: readonly Setting[];
  /** The command that repeats this run alone. */
  readonly command: string;
  /** What is tested and the seed, where the runs of the command differ in them. */
  readonly spec?: StackSpec;
  readonly seed?: string;
  /** Whether the scenario is carried out as it stands, and not fitted to what is tested. */
  readonly asGiven?: boolean;
}

/** What became of it. */
export interface RunResult {
  readonly planned: PlannedRun;
  readonly tookMs: number;
  /** The judged run, or why there is none. */
  readonly outcome: { readonly finished: FinishedRun } | { readonly error: unknown };
}

/** What {@link runMany} needs beside what each run needs. */
export interface RunManyOptions extends Omit<RunOptions, 'scenario' | 'command' | 'view'> {
  readonly runs: readonly PlannedRun[];
  /** How many stacks are up at a time. */
  readonly jobs: number;
  readonly openView: (planned: PlannedRun) => LiveView;
  /** Called as each run ends, its view closed. */
  readonly onEnd: (result: RunResult) => void;
}

/**
 * Carries out runs, `jobs` of them at a time, each on a stack of its own. One that can't be carried out does not keep the others
 * from it. When the signal aborts no further one is begun, and it resolves when those that were under way are cleaned up.
 *
 * @returns a result for each run that was begun, in the order of `runs`
 */
export async function runMany(options: RunManyOptions): Promise<RunResult[]> {
  const { runs, jobs, openView, onEnd, ...common } = options;
  const results = await pMap(
    runs,
    async (planned) => {
      if (common.signal.aborted) return undefined;
      const result = await runOne(planned, openView(planned), common);
      onEnd(result);
      return result;
    },
    { concurrency: jobs },
  );
  return results.filter((result) => result !== undefined);
}

async function runOne(
  planned: PlannedRun,
  view: LiveView,
  common: Omit<RunOptions, 'scenario' | 'command' | 'view'>,
): Promise<RunResult> {
  const { scenario, command, spec = common.spec, seed = common.seed, asGiven } = planned;
  const startedAt = common.clock.now();
  const result = (outcome: RunResult['outcome']) => {
    view.done();
    return { planned, tookMs: common.clock.now() - startedAt, outcome };
  };
  try {
    return result({
      finished: await runScenario({ ...common, scenario, command, spec, seed, asGiven, view }),
    });
  } catch (error) {
    return result({ error });
  }
}

/** Whether a run was carried out and ended as its scenario says that Langfuse v3.36.0 does. */
export function endedAsExpected({ planned, outcome }: RunResult): boolean {
  return 'finished' in outcome && isAsExpected(outcome.finished.verdict, planned.scenario.failsOnV3360With);
}

/** The verdict that Langfuse v3.36.0 gets. */
export function expectedVerdict(scenario: Scenario): 'pass' | 'fail' {
  return scenario.failsOnV3360With ? 'fail' : 'pass';
}

/** `clickhouse-blip`, or with the values of the settings that are varied `clickhouse-blip [3, 500]`. */
export function labelOf(scenario: Scenario, varied: readonly Setting[]): string {
  return varied.length === 0
    ? scenario.name
    : `${scenario.name} [${varied.map(({ name, value }) => shownValue(name, value)).join(', ')}]`;
}
