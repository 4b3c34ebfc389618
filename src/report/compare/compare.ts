import { formatCount, formatDuration } from '../format.ts';
import { CHECKPOINT_WORDS, OUTCOME_WORDS } from '../words.ts';
import { errorsOf, missingIn, notInTime, type ProbeFigures, type RunFigures, settled } from './figures.ts';
import { type Limits, limitOption, limitText, mostAllowed, TIME_SLACK_MS } from './limits.ts';

/** How the second run did beside the first. */
export type Word = 'better' | 'same' | 'worse' | 'unknown';

/** What differs by more than its limit. */
export interface Difference {
  /** For example `lost`. */
  readonly what: string;
  /** What it was in the first run and in the second, as text. */
  readonly from: string;
  readonly to: string;
  /** The limit as it is typed, `--more-lost 0`; absent for the verdict, which has none. */
  readonly limit?: string;
}

/** What a comparison of two runs comes to. */
export interface Comparison {
  readonly word: Word;
  /** In what the second run is worse by more than the limits. */
  readonly worse: readonly Difference[];
  /** In what it is better by more than the limits. */
  readonly better: readonly Difference[];
  /** Why it is unknown, in sentences; empty where it is not. */
  readonly unknown: readonly string[];
}

/** One figure that is compared. */
interface Measure {
  readonly what: string;
  readonly limit: keyof Limits;
  readonly isTime?: boolean;
  /** Undefined where a run did not come that far. */
  readonly of: (figures: RunFigures) => number | undefined;
}

const WRONG = ['duplicated', 'altered', 'vanished', 'leaked', 'unexpected'] as const;

/** Names of figures that the reports show as well. */
export const NOT_IN_TIME = 'not in time';
/** Of `allBackAfter`: how long it took until nothing was missing any more. */
export const ALL_BACK = 'all back after';
export const INDETERMINATE = 'indeterminate';

const MEASURES: readonly Measure[] = [
  { what: 'lost', limit: 'moreLost', of: ({ outcomes }) => outcomes.lost },
  ...WRONG.map((outcome): Measure => {
    return {
      what: OUTCOME_WORDS[outcome].label,
      limit: 'moreWrong',
      of: ({ outcomes }) => outcomes[outcome],
    };
  }),
  { what: 'blind loss', limit: 'moreBlind', of: (figures) => settled(figures)?.blindLoss },
  {
    what: `missing ${CHECKPOINT_WORDS.settled}`,
    limit: 'moreMissing',
    of: (figures) => {
      const at = settled(figures);
      return at && missingIn(at);
    },
  },
  { what: NOT_IN_TIME, limit: 'moreLate', of: notInTime },
  { what: OUTCOME_WORDS.refused.label, limit: 'moreRefused', of: ({ refused }) => refused },
  { what: INDETERMINATE, limit: 'moreIndeterminate', of: ({ indeterminate }) => indeterminate },
  { what: 'requests without a 2xx', limit: 'moreErrors', of: ({ traffic }) => errorsOf(traffic) },
  { what: ALL_BACK, limit: 'slowerBy', isTime: true, of: ({ allBackAfter }) => msOf(allBackAfter) },
];

/**
 * Compares two runs of one scenario. Where one is not known for certain, or the two had not the same done to them, no figure tells
 * anything: that is unknown.
 *
 * @param unlike in what else the two can't be compared, in sentences
 */
export function compareFigures(
  from: RunFigures | undefined,
  to: RunFigures | undefined,
  limits: Limits,
  unlike: readonly string[] = [],
): Comparison {
  const reasons = [...doubtsOf('first', from), ...doubtsOf('second', to), ...unlike];
  if (!from || !to) return unknownFor(reasons);
  const unknown = [...reasons, ...otherTraffic(from, to), ...oneSided(from, to, limits)];
  if (unknown.length > 0) return unknownFor(unknown);
  const worse = beyond(from, to, limits);
  const better = beyond(to, from, limits).map((each) => ({ ...each, from: each.to, to: each.from }));
  const word = worse.length > 0 ? 'worse' : better.length > 0 ? 'better' : 'same';
  return { word, worse, better, unknown };
}

function unknownFor(unknown: readonly string[]): Comparison {
  return { word: 'unknown', worse: [], better: [], unknown };
}

function doubtsOf(which: 'first' | 'second', figures: RunFigures | undefined): string[] {
  if (!figures) return [`The ${which} run has no figures.`];
  if (figures.doubts.length > 0) return [`The ${which} run is in doubt: ${figures.doubts.join(' ')}`];
  return figures.verdict === 'unknown' ? [`What the ${which} run comes to is not known for certain.`] : [];
}

function otherTraffic({ traffic: first }: RunFigures, { traffic: second }: RunFigures): string[] {
  if (first.fingerprint === second.fingerprint) return [];
  return [
    `The traffic was not the same: of ${first.sent} and ${second.sent} requests the bodies differ, so the figures are of other events.`,
  ];
}

/** Figures that are judged and that one of the two does not have: nobody can say whether they are worse. */
function oneSided(from: RunFigures, to: RunFigures, limits: Limits): string[] {
  const isJudged = (limit: keyof Limits) => !('any' in limits[limit]);
  const figures = MEASURES.filter(
    ({ limit, of }) => isJudged(limit) && (of(from) === undefined) !== (of(to) === undefined),
  ).map(({ what }) => what);
  const probes = probePairs(from, to).flatMap((pair) => {
    const only = pair.from && pair.to ? undefined : (pair.from ?? pair.to);
    return only && isJudged('slowerBy') ? [probeName(only)] : [];
  });
  const all = [...figures, ...probes];
  return all.length > 0 ? [`Only one of the two has a figure for: ${all.join(', ')}.`] : [];
}

/** One sentence that says how the second run did, and by which figures. */
export function comparisonSentence({ word, worse, better, unknown }: Comparison): string {
  const list = (differences: readonly Difference[]) => differences.map(differenceText).join('; ');
  switch (word) {
    case 'unknown':
      return `Unknown: ${unknown.join(' ')}`;
    case 'same':
      return 'Same: no figure differs by more than its limit.';
    case 'better':
      return `Better: ${list(better)}.`;
    case 'worse':
      return `Worse: ${list(worse)}.${better.length > 0 ? ` Better in: ${list(better)}.` : ''}`;
  }
}

/** `lost 0 → 12 (--more-lost 0)` */
export function differenceText({ what, from, to, limit }: Difference): string {
  return `${what} ${from} → ${to}${limit === undefined ? '' : ` (${limit})`}`;
}

/** In what `second` is worse than `first` by more than the limits. */
function beyond(first: RunFigures, second: RunFigures, limits: Limits): Difference[] {
  const differences: Difference[] = [];
  if (first.verdict === 'pass' && second.verdict === 'fail')
    differences.push({ what: 'verdict', from: first.verdict, to: second.verdict });
  for (const { what, limit, isTime = false, of } of MEASURES) {
    const [before, after] = [of(first), of(second)];
    // One that neither has; what only one has made the comparison unknown.
    if (before === undefined || after === undefined) continue;
    if (after <= mostAllowed(before, limits[limit]) + (isTime ? TIME_SLACK_MS : 0)) continue;
    const shown = isTime ? timeText : formatCount;
    differences.push({ what, from: shown(before), to: shown(after), limit: typed(limit, limits) });
  }
  return [...differences, ...slowerProbes(first, second, limits)];
}

function slowerProbes(first: RunFigures, second: RunFigures, limits: Limits): Difference[] {
  return probePairs(first, second).flatMap(({ from, to }) => {
    if (!from || !to) return [];
    // One that was well under the fault has no time.
    const [before, after] = [msOf(from.recovery), msOf(to.recovery)];
    if (after <= mostAllowed(before, limits.slowerBy) + TIME_SLACK_MS) return [];
    return [
      {
        what: probeName(to),
        from: recoveryText(from),
        to: recoveryText(to),
        limit: typed('slowerBy', limits),
      },
    ];
  });
}

function probeName({ endpoint, label }: ProbeFigures): string {
  return `recovery of ${endpoint} (${label})`;
}

function msOf(time: number | 'never' = 0): number {
  return time === 'never' ? Number.POSITIVE_INFINITY : time;
}

/** A time in milliseconds in words; infinite is never. */
export function timeText(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'never' : formatDuration(ms);
}

/** When an endpoint was well again, in words. */
export function recoveryText({ recovery }: ProbeFigures): string {
  if (recovery === undefined) return 'well throughout';
  return recovery === 'never' ? 'not well again' : formatDuration(recovery);
}

/** The same endpoint at the same moment in two runs. */
export interface ProbePair {
  readonly from?: ProbeFigures;
  readonly to?: ProbeFigures;
}

/** The probes of two runs, side by side; of several of one endpoint at one moment the n-th with the n-th. */
export function probePairs(first: RunFigures, second: RunFigures): ProbePair[] {
  const left = keyed(first.probes);
  const right = keyed(second.probes);
  return [...new Set([...left.keys(), ...right.keys()])].map((key) => {
    const [from, to] = [left.get(key), right.get(key)];
    return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
  });
}

function keyed(probes: readonly ProbeFigures[]): Map<string, ProbeFigures> {
  const seen = new Map<string, number>();
  return new Map(
    probes.map((probe) => {
      const name = `${probe.label}\n${probe.endpoint}`;
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return [`${name}\n${times}`, probe];
    }),
  );
}

function typed(limit: keyof Limits, limits: Limits): string {
  return `${limitOption(limit)} ${limitText(limits[limit])}`;
}
