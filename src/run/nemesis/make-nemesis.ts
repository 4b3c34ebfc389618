import { didYouMean } from '../../base/did-you-mean.ts';
import { ChaosError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { FaultStep, RecoveryStep, Scenario } from '../../scenario/scenario.ts';
import { type Choice, MENU, placesOf } from './menu.ts';

/** Within what the nemesis keeps. */
export interface NemesisLimits {
  /** How many faults. */
  readonly count: number;
  /** Most faults that are active at once. */
  readonly atOnce: number;
  /** Seconds from the first to the last that may happen; the traffic goes on for a little longer. */
  readonly seconds: number;
  /** Longest and shortest a fault lasts, in seconds. */
  readonly longest: number;
  readonly shortest: number;
  /** Names of faults; all that the menu has unless given. */
  readonly faults?: readonly string[];
  /** Links and processes; all that the menu has unless given. */
  readonly on?: readonly string[];
  /** What is done before the last look; with none a run passes only if everything comes back by itself. */
  readonly recovery: readonly RecoveryStep[];
}

/** What the command takes unless told otherwise. */
export const DEFAULT_LIMITS: NemesisLimits = {
  count: 4,
  atOnce: 2,
  seconds: 20,
  longest: 5,
  shortest: 1.5,
  recovery: ['retry failed jobs', 'replay from S3'],
};

/** Seconds between two faults at one place: the one before must be seen healed first, and clients reconnect with a back-off. */
const REST = 3;
/** Seconds of traffic before the first fault and after the last. */
const MARGIN = 2;
/** Draws for one fault before it is given up: the time is full. */
const TRIES = 200;

/**
 * A scenario of random faults: the same random source and limits give the same scenario. Two faults overlap only where
 * both can be felt: not at one place, and none behind a place that lets nothing through.
 *
 * @throws ChaosError `E_USAGE` when nothing on the menu is within the limits, or time does not suffice for a single fault
 */
export function makeNemesis(random: Random, limits: NemesisLimits): Scenario {
  if (limits.longest < limits.shortest) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `The longest that a fault may last, ${limits.longest} s, is below the shortest, ${limits.shortest} s.`,
      remedy: `give a --longest of at least ${limits.shortest}.`,
    });
  }
  const menu = menuWithin(limits);
  const drawn: Drawn[] = [];
  for (let n = 0; n < limits.count; n += 1) {
    const next = draw(random, menu, limits, drawn);
    if (next) drawn.push(next);
  }
  if (drawn.length === 0) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `A fault of ${limits.shortest} s finds no place within ${limits.seconds} s.`,
      remedy: 'give it more time: --seconds.',
    });
  }
  const timeline = drawn.map(({ step }) => step).toSorted((a, b) => a.at - b.at);
  const last = lastCheckpoint(limits.recovery);
  const expect = {
    kind: 'must',
    text: 'nothing acknowledged is missing in the end',
    about: 'missing',
    at: last,
    atMost: 0,
  } as const;
  return {
    name: 'nemesis',
    proves: `Under ${timeline.length} random ${timeline.length === 1 ? 'fault' : 'faults'} ${PROVEN[last]}.`,
    traffic: {
      kind: 'generated',
      rate: 20,
      duration: limits.seconds + 2 * MARGIN,
      maxBatch: 10,
      maxBytes: 5000,
    },
    settings: {
      // Jobs that start at once overtake each other on a busy machine, and v3.36.0 then loses an update without any fault.
      web: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1000' },
      worker: { REFERENCE_BACKOFF_SCALE: '0.05', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '500' },
    },
    timeline,
    recovery: limits.recovery,
    expect: [expect],
  };
}

/** Says that not all faults that were asked for found a place; undefined when they did. */
export function fewerText(
  { timeline }: Pick<Scenario, 'timeline'>,
  { count, seconds }: Pick<NemesisLimits, 'count' | 'seconds'>,
): string | undefined {
  return timeline.length < count ? `${timeline.length} of ${count} faults fit into ${seconds} s` : undefined;
}

/** What a run shows that ends with this checkpoint: what came after is not known. */
const PROVEN = {
  settled: 'everything acknowledged comes back by itself',
  'after-retry': 'everything acknowledged comes back with the retry',
  'after-replay': 'nothing acknowledged is lost for good',
} as const;

function lastCheckpoint(recovery: readonly RecoveryStep[]) {
  const last = recovery.at(-1);
  return last === undefined ? 'settled' : last === 'replay from S3' ? 'after-replay' : 'after-retry';
}

interface Drawn {
  readonly choice: Choice;
  readonly step: FaultStep;
}

function menuWithin({ faults, on }: NemesisLimits): readonly Choice[] {
  for (const [option, wanted, known] of [
    ['--faults', faults, MENU.map((choice) => choice.fault)],
    ['--on', on, MENU.map((choice) => choice.on)],
  ] as const) {
    const stranger = wanted?.find((name) => !known.includes(name));
    if (stranger === undefined) continue;
    throw new ChaosError({
      code: 'E_USAGE',
      happened: `The nemesis does not know "${stranger}".${didYouMean(stranger, known)}`,
      expected: `for ${option} one of ${[...new Set(known)].join(', ')}`,
      remedy: 'name some of them, separated by commas.',
    });
  }
  const menu = MENU.filter(
    (choice) => (faults?.includes(choice.fault) ?? true) && (on?.includes(choice.on) ?? true),
  );
  if (menu.length > 0) return menu;
  throw new ChaosError({
    code: 'E_USAGE',
    happened: 'None of these faults fits any of these places.',
    expected: MENU.map((choice) => `${choice.fault} on ${choice.on}`).join(', '),
    remedy: 'choose --faults and --on so that at least one pair of them is in this list.',
  });
}

function draw(
  random: Random,
  menu: readonly Choice[],
  limits: NemesisLimits,
  before: readonly Drawn[],
): Drawn | undefined {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const choice = random.pick(menu);
    const seconds = tenths(random, limits.shortest, limits.longest);
    const latest = MARGIN + limits.seconds - seconds;
    if (latest < MARGIN) continue;
    const at = tenths(random, MARGIN, latest);
    const parameters = choice.parameters?.(random) ?? {};
    const step: FaultStep = {
      at,
      for: seconds,
      fault: { name: choice.fault, on: choice.on, ...parameters },
    };
    const drawn = { choice, step };
    if (fits(drawn, before, limits.atOnce)) return drawn;
  }
  return undefined;
}

/** A number of tenths of a second, both ends included. */
function tenths(random: Random, least: number, most: number): number {
  return random.int(Math.round(least * 10), Math.round(most * 10)) / 10;
}

function fits(next: Drawn, before: readonly Drawn[], atOnce: number): boolean {
  if (before.some((other) => meet(next, other, REST) && clash(next.choice, other.choice))) return false;
  // The most faults that are active together begin with one of them.
  const all = [...before, next].filter((one) => meet(one, next, 0));
  return all.every(
    ({ step }) => all.filter((one) => one.step.at <= step.at && step.at < endOf(one)).length <= atOnce,
  );
}

function meet(a: Drawn, b: Drawn, rest: number): boolean {
  return a.step.at < endOf(b) + rest && b.step.at < endOf(a) + rest;
}

const endOf = ({ step }: Drawn) => step.at + step.for;

/** Whether two faults at the same time would get in each other's way: at one place, or one hides the other from the traffic. */
function clash(a: Choice, b: Choice): boolean {
  const [placesA, placesB] = [placesOf(a.on), placesOf(b.on)];
  return placesA.some((place) => placesB.includes(place)) || hides(a, b) || hides(b, a);
}

function hides(front: Choice, behind: Choice): boolean {
  return (
    front.cuts && behind.needsTraffic && Math.min(...placesOf(front.on)) < Math.max(...placesOf(behind.on))
  );
}
