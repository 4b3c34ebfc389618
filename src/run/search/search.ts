import pMap from 'p-map';
import type { Verdict } from '../../checker/verdict.ts';
import { BAD_OUTCOMES } from '../../checker/verdict.ts';
import type { CheckpointName } from '../../history/run-record.ts';
import type { JudgedRun } from '../../report/judged-run.ts';
import type { FaultSpec, Scenario } from '../../scenario/scenario.ts';
import { type Setting, withSettings } from '../settings.ts';
import { type Border, bisect } from './bisect.ts';

/** The ways in which an outage may be survived, and the checkpoint at which nothing may be missing. */
export const WAYS_TO_SURVIVE = [
  { way: 'by itself', at: 'settled' },
  { way: 'after retry', at: 'after-retry' },
  { way: 'after replay', at: 'after-replay' },
] as const satisfies readonly { readonly way: string; readonly at: CheckpointName }[];

/** What is searched. */
export interface SearchOptions {
  /** The fault whose length is varied. */
  readonly fault: FaultSpec;
  /** Seconds. */
  readonly shortest: number;
  readonly longest: number;
  readonly precision: number;
  /** Runs for each length, each with a seed of its own; a length is survived when every one of them loses nothing. */
  readonly repeats: number;
  readonly jobs: number;
  /** On top of the scenario's own. */
  readonly set: readonly Setting[];
  /** Runs the scenario once; undefined when it could not be carried out, which counts as unknown. @param repeat 0, 1, … */
  readonly run: (
    scenario: Scenario,
    repeat: number,
  ) => Promise<Pick<JudgedRun, 'verdict' | 'run'> | undefined>;
  readonly onRun?: (tried: TriedLength) => void;
}

/** One run that was tried. */
export interface TriedLength {
  /** As planned. */
  readonly seconds: number;
  /** From the injection to the end of the recovery, as measured; undefined when it was not injected. */
  readonly lasted?: number;
  readonly repeat: number;
  readonly verdict: Verdict['verdict'];
  /**
   * Events and entities that were not as they must be at each of the three checkpoints: missing, altered, doubled, leaked or
   * unexpected; undefined where it is not known.
   */
  readonly wrong: Readonly<Record<(typeof WAYS_TO_SURVIVE)[number]['at'], number | undefined>>;
}

/** What was found for one way to survive. */
export interface FoundBorder extends Border {
  readonly way: (typeof WAYS_TO_SURVIVE)[number]['way'];
  /** Runs whose figures say nothing for certain, such as one whose fault was not felt. They count as not survived. */
  readonly uncertain: number;
}

/** What a search found. */
export interface SearchResult {
  readonly borders: readonly FoundBorder[];
  readonly tried: readonly TriedLength[];
}

/** Seconds of traffic before the outage and after it. */
const BEFORE = 3;
const AFTER = 4;

/**
 * Five attempts within seconds. And jobs that start at once overtake each other on a busy machine: v3.36.0 then loses an update
 * without any fault.
 */
const SETTINGS = {
  web: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
  worker: { REFERENCE_BACKOFF_SCALE: '0.05' },
};

/** A scenario with the fault for so long, and nothing expected: the search reads the figures. */
export function outageOf(fault: FaultSpec, seconds: number, set: readonly Setting[]): Scenario {
  const scenario: Scenario = {
    name: 'search',
    proves: `How much is missing after ${fault.name} on ${fault.on} for ${seconds} s.`,
    traffic: {
      kind: 'generated',
      rate: 20,
      duration: BEFORE + seconds + AFTER,
      maxBatch: 10,
      maxBytes: 5000,
    },
    timeline: [{ at: BEFORE, for: seconds, fault }],
    settings: SETTINGS,
    recovery: ['retry failed jobs', 'replay from S3'],
    expect: [],
  };
  return withSettings(scenario, set);
}

/** Finds for each way to survive how long the fault may last. A length is run once for all three. */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const tried: TriedLength[] = [];
  const runsOf = async (seconds: number): Promise<readonly TriedLength[]> => {
    const known = tried.filter((one) => one.seconds === seconds);
    if (known.length > 0) return known;
    const repeats = Array.from({ length: options.repeats }, (_, repeat) => repeat);
    const scenario = outageOf(options.fault, seconds, options.set);
    return pMap(
      repeats,
      async (repeat) => {
        const one = lengthOf(seconds, repeat, await options.run(scenario, repeat));
        tried.push(one);
        options.onRun?.(one);
        return one;
      },
      { concurrency: options.jobs },
    );
  };
  const borders: FoundBorder[] = [];
  for (const { way, at } of WAYS_TO_SURVIVE) {
    const border = await bisect(options, async (seconds) =>
      (await runsOf(seconds)).every(({ wrong }) => wrong[at] === 0),
    );
    const uncertain = tried.filter(({ wrong }) => wrong[at] === undefined).length;
    borders.push({ way, ...border, uncertain });
  }
  return { borders, tried };
}

/** What a run says of a length. One that is unknown says nothing, whatever its figures. */
function lengthOf(
  seconds: number,
  repeat: number,
  judged: Pick<JudgedRun, 'verdict' | 'run'> | undefined,
): TriedLength {
  const wrongAt = (name: CheckpointName) => {
    const checkpoint = judged?.verdict.checkpoints.find((one) => one.name === name);
    const isUnknown = judged?.verdict.reasons.some((reason) => reason.verdict === 'unknown');
    if (!checkpoint || isUnknown) return undefined;
    return BAD_OUTCOMES.reduce((sum, outcome) => sum + checkpoint.outcomes[outcome], 0);
  };
  const [fault] = judged?.run.faults ?? [];
  return {
    seconds,
    ...(fault?.recoveredAt === undefined ? {} : { lasted: (fault.recoveredAt - fault.injectedAt) / 1000 }),
    repeat,
    verdict: judged?.verdict.verdict ?? 'unknown',
    wrong: {
      settled: wrongAt('settled'),
      'after-retry': wrongAt('after-retry'),
      'after-replay': wrongAt('after-replay'),
    },
  };
}
