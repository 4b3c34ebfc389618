import pMap from 'p-map';
import { ChaosError, messageOf } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { Verdict } from '../checker/verdict.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { DEFAULT_LIMITS, makeNemesis } from './nemesis/make-nemesis.ts';
import { runTrial, type Trial, type TrialResult } from './trial.ts';

/** What is run against the safe pipeline: no fault at all, or random ones. */
export const ALARM_KINDS = ['steady-state', 'nemesis'] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** One run; its seed says all about it. */
export interface PlannedAlarm {
  readonly kind: AlarmKind;
  readonly seed: string;
}

/** How it ended. One that could not be carried out is unknown. */
export interface AlarmResult extends PlannedAlarm {
  readonly verdict: Verdict['verdict'];
  /** Why it did not pass, a sentence each. */
  readonly causes: readonly string[];
  /** The run folder of one that did not pass. */
  readonly folder?: string;
  /** What was thrown where that is a defect of the harness, not something that can happen on a machine. */
  readonly defect?: unknown;
}

/** What {@link runAlarms} needs. */
export interface AlarmOptions {
  /** Runs of each kind, and the seed of the first; each further one has the next number. */
  readonly runs: number;
  readonly seed: number;
  readonly kinds: readonly AlarmKind[];
  /** Stacks at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onEnd: (result: AlarmResult) => void;
  /** Carries out one run; {@link runTrial} unless told. */
  readonly trial?: (trial: Trial, keep: (verdict: Verdict) => boolean) => Promise<TrialResult>;
}

/**
 * Runs the safe pipeline, from which nothing is ever lost, again and again, each time with another seed and on a stack of its
 * own: a run that fails is a false alarm of the harness, or a defect of that pipeline. Run folders of what passed are removed.
 *
 * @returns the results in the order of the seeds, kind by kind
 * @throws the signal's reason when it aborts, once every run under way has ended
 */
export async function runAlarms(options: AlarmOptions): Promise<AlarmResult[]> {
  const { runs, seed, kinds, jobs, signal, onEnd, trial = runTrial } = options;
  const planned = kinds.flatMap((kind) =>
    Array.from({ length: runs }, (_, index): PlannedAlarm => ({ kind, seed: String(seed + index) })),
  );
  const results = await pMap(
    planned,
    async (alarm) => {
      if (signal.aborted) return undefined;
      const result = await runOne(alarm, signal, trial);
      if (result) onEnd(result);
      return result;
    },
    { concurrency: jobs },
  );
  signal.throwIfAborted();
  return results.filter((result) => result !== undefined);
}

async function runOne(
  { kind, seed }: PlannedAlarm,
  signal: AbortSignal,
  trial: NonNullable<AlarmOptions['trial']>,
): Promise<AlarmResult | undefined> {
  try {
    const command = `npx langfuse-chaos alarms --runs 1 --only ${kind} --seed ${seed}`;
    const { verdict, folder } = await trial(
      {
        scenario: alarmScenario(kind, seed),
        seed,
        command,
        spec: { kind: 'embedded', pipeline: 'safe' },
        signal,
      },
      ({ verdict }) => verdict !== 'pass',
    );
    const causes = verdict.reasons.map(({ text }) => text);
    return { kind, seed, verdict: verdict.verdict, causes, ...(folder ? { folder } : {}) };
  } catch (error) {
    if (signal.aborted) return undefined;
    const causes = [`It could not be carried out: ${messageOf(error)}`];
    const defect = error instanceof ChaosError ? {} : { defect: error };
    return { kind, seed, verdict: 'unknown', causes, ...defect };
  }
}

/** Short runs, since there are many. Without any recovery step: what the safe pipeline took must land by itself. */
export function alarmScenario(kind: AlarmKind, seed: string): Scenario {
  if (kind === 'nemesis') {
    return makeNemesis(createRandom(seed).fork('nemesis'), {
      ...DEFAULT_LIMITS,
      count: 3,
      seconds: 12,
      longest: 4,
      recovery: [],
    });
  }
  return {
    name: 'steady-state-alarm',
    proves: 'Without any fault, a pipeline that loses nothing gets no bad word.',
    traffic: { kind: 'generated', rate: 40, duration: 4, maxBatch: 20, maxBytes: 20_000 },
    settings: { worker: { LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '300' } },
    timeline: [],
    recovery: [],
    expect: [
      { kind: 'must', text: 'nothing is missing once settled', about: 'missing', at: 'settled', atMost: 0 },
      { kind: 'must', text: 'no job failed', about: 'failed-set', at: 'settled', atMost: 0 },
    ],
  };
}

/** How many runs ended how. */
export function countAlarms(results: readonly AlarmResult[]): Record<Verdict['verdict'], number> {
  const count = (verdict: Verdict['verdict']) => results.filter((each) => each.verdict === verdict).length;
  return { pass: count('pass'), unknown: count('unknown'), fail: count('fail') };
}
