import type { Random } from '../../base/random.ts';

/** One kind of fault at one place, from which the nemesis draws. */
export interface Choice {
  /** Name in the fault catalogue. */
  readonly fault: string;
  readonly on: string;
  /** Whether nothing gets past the place while it is active, so that what comes after it has nothing to do. */
  readonly cuts: boolean;
  /** Whether it is only felt when the pipeline's own work meets it; a killed process is felt by itself. */
  readonly needsTraffic: boolean;
  /** Draws the fault's parameters; none unless given. */
  readonly parameters?: (random: Random) => Readonly<Record<string, unknown>>;
}

/** The way of an event through the pipeline, one link after another; each is used for every event, or nearly. */
export const WAY = [
  'web→postgres',
  'web→s3',
  'web→redis',
  'worker→redis',
  'worker→s3',
  'worker→clickhouse',
] as const;

/** The links of the way that a link or a process has to do with, as positions in {@link WAY}. */
export function placesOf(on: string): number[] {
  return WAY.flatMap((link, index) => (link === on || link.split('→').includes(on) ? [index] : []));
}

const cut = (fault: string, on: string): Choice => ({ fault, on, cuts: true, needsTraffic: true });

/**
 * Everything that the nemesis may draw. Only what ordinary ingestion meets within seconds: a fault that is not felt makes a run
 * unknown. So no black hole between worker and Redis, whose worker is always waiting for Redis to answer, for 5 s at a time.
 */
export const MENU: readonly Choice[] = [
  ...WAY.flatMap((on): Choice[] => [
    cut('refused', on),
    cut('dead-upstream', on),
    cut('reset', on),
    cut('answer-lost', on),
    cut('name-gone', on),
    cut('dns-servfail', on),
    ...(on === 'worker→redis' ? [] : [cut('black-hole', on)]),
    {
      fault: 'latency',
      on,
      cuts: false,
      needsTraffic: true,
      parameters: (random) => ({ latencyMs: random.int(2, 12) * 25 }),
    },
  ]),
  ...['worker', 'web', 'redis', 's3', 'postgres', 'clickhouse'].map(
    (on): Choice => ({ fault: 'killed', on, cuts: true, needsTraffic: false }),
  ),
];
