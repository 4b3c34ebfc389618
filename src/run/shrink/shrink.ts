import type { Verdict } from '../../checker/verdict.ts';
import { probeLabels } from '../../scenario/probe-labels.ts';
import type { Scenario, TimelineStep } from '../../scenario/scenario.ts';
import { ddmin } from './ddmin.ts';

/** What is shrunk, and how a candidate is tried. */
export interface ShrinkOptions {
  /** The scenario of a run that failed. */
  readonly scenario: Scenario;
  /** Why it failed: codes of its reasons, such as `lost`. A candidate fails alike when it has one of them. */
  readonly codes: ReadonlySet<string>;
  /** Runs a candidate, always with the same seed; undefined when it could not be carried out, which counts as not failing. */
  readonly run: (candidate: Scenario) => Promise<Verdict | undefined>;
  /** Ends it as if the runs were used up: what was found so far is not lost. */
  readonly signal?: AbortSignal;
  readonly maxRuns: number;
  /** How many runs of a candidate must all fail before it is taken: some failures come now and then without any fault. */
  readonly confirm: number;
  /** Candidates at a time. */
  readonly jobs: number;
  readonly onRun?: (run: ShrinkRun) => void;
}

/** One candidate that was tried. */
export interface ShrinkRun {
  readonly number: number;
  readonly candidate: Scenario;
  readonly fails: boolean;
}

/** The smallest scenario that was seen to fail alike. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly runs: number;
  /** Whether the runs ran out before nothing more could be left out. */
  readonly unfinished: boolean;
}

/** Shortest that a fault is made, in seconds. */
const SHORTEST = 0.5;
/** Seconds of traffic before the first step and after the last, once everything else is left out. */
const BEFORE = 2;
const AFTER = 3;

/**
 * By what a failed verdict is known again: its outcomes, such as `lost`; where expectations alone failed, `expectation: ` and the text
 * of each that was missed, for without its fault a scenario may well miss another one.
 */
export function failureCodes(verdict: Pick<Verdict, 'reasons' | 'expectations'>): ReadonlySet<string> {
  const codes = verdict.reasons.filter((reason) => reason.verdict === 'fail').map(({ code }) => code);
  const outcomes = codes.filter((code) => code !== 'expectation');
  if (outcomes.length > 0 || codes.length === 0) return new Set(outcomes);
  const missed = verdict.expectations.filter(({ kind, held }) => kind === 'must' && !held);
  return new Set(missed.map(({ text }) => `expectation: ${text}`));
}

/**
 * Reduces the timeline of a failed run to the fewest steps and the shortest faults that still fail alike: first without any
 * step, then by `ddmin`, then each fault is halved as long as it fails, then the traffic is cut to what is around
 * them. Every reduction that is kept was seen to fail, `confirm` times. Where a failure depends on chance, a candidate
 * that happened to pass is kept out, so the result may be larger than it need be.
 */
export async function shrink(options: ShrinkOptions): Promise<Shrunk> {
  const { codes, maxRuns } = options;
  let runs = 0;
  let unfinished = false;
  const failsOnce = async (candidate: Scenario): Promise<boolean | undefined> => {
    if (runs >= maxRuns || options.signal?.aborted) {
      unfinished = true;
      return undefined;
    }
    runs += 1;
    const number = runs;
    const verdict = await options.run(candidate);
    const alike = verdict !== undefined && [...failureCodes(verdict)].some((code) => codes.has(code));
    options.onRun?.({ number, candidate, fails: alike });
    return alike;
  };
  const fails = async (candidate: Scenario): Promise<boolean | undefined> => {
    for (let seen = 0; seen < options.confirm; seen += 1) {
      const failed = await failsOnce(candidate);
      if (failed !== true) return failed;
    }
    return true;
  };
  let smallest = options.scenario;
  const tryOut = async (candidate: Scenario) => {
    const failed = (await fails(candidate)) === true;
    if (failed) smallest = candidate;
    return failed;
  };

  if (!(await tryOut(withTimeline(smallest, [])))) {
    const whole = smallest;
    const steps = await ddmin(whole.timeline, (part) => fails(withTimeline(whole, part)), options.jobs);
    smallest = withTimeline(whole, steps);
    for (const index of smallest.timeline.keys()) {
      while (await tryShorter(smallest, index, tryOut));
    }
  }
  const cut = cutTraffic(smallest);
  if (cut) await tryOut(cut);
  return { scenario: smallest, runs, unfinished };
}

/** Halves the fault at a place of the timeline; false when it is as short as it gets, is no fault, or no longer fails. */
async function tryShorter(
  scenario: Scenario,
  index: number,
  tryOut: (candidate: Scenario) => Promise<boolean>,
): Promise<boolean> {
  const step = scenario.timeline[index];
  if (!step || !('fault' in step)) return false;
  const half = Math.round(step.for * 5) / 10;
  if (half < SHORTEST || half === step.for) return false;
  return tryOut(withTimeline(scenario, scenario.timeline.with(index, { ...step, for: half })));
}

/** Lets the traffic begin shortly before the first step and end shortly after the last; undefined where that changes nothing. */
function cutTraffic(scenario: Scenario): Scenario | undefined {
  const { traffic, timeline } = scenario;
  if (traffic.kind !== 'generated') return undefined;
  const first = Math.min(...timeline.map(({ at }) => at));
  const shift = timeline.length > 0 ? Math.max(0, first - BEFORE) : 0;
  const moved = timeline.map((step) => ({ ...step, at: Math.round((step.at - shift) * 10) / 10 }));
  const end = Math.max(BEFORE, ...moved.map(endOf)) + AFTER;
  if (end >= traffic.duration) return undefined;
  return { ...withTimeline(scenario, moved), traffic: { ...traffic, duration: end } };
}

function endOf(step: TimelineStep): number {
  return step.at + ('fault' in step ? step.for : 0);
}

/** The scenario with another timeline, and without what was expected of steps that are not in it: it could not be run, or would be missed for that alone. */
function withTimeline(scenario: Scenario, timeline: readonly TimelineStep[]): Scenario {
  const labels = probeLabels(timeline);
  const recoveries = timeline.flatMap((step) => ('recover' in step ? [step.recover] : []));
  const expect = scenario.expect.filter((each) => {
    if (each.about === 'probe') return labels.includes(each.label);
    return each.about !== 'guide' || recoveries.includes(each.step);
  });
  return { ...scenario, timeline, expect };
}
