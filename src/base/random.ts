import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The one source of randomness. The same seed gives the same numbers on every machine; `fork` gives an
 * independent stream by name, so that a new consumer never shifts the numbers of another.
 */
export interface Random {
  /** The seed this stream was made from. */
  readonly seed: string;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  /** A number in [0, 1) with 32 bits of resolution. */
  float(): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items; throws a RangeError when there are none. */
  pick<T>(items: readonly T[]): T;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** An independent stream of that name. */
  fork(name: string): Random;
}

/** Makes the stream of a seed; any text is a seed. */
export function createRandom(seed: string): Random {
  const generator = xoroshiro128plus(createHash('sha256').update(seed).digest().readInt32BE(0));
  const int = (min: number, max: number) => uniformInt(generator, min, max);
  const float = () => int(0, 0xffff_ffff) / 0x1_0000_0000;
  return {
    seed,
    int,
    float,
    chance: (probability) => float() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[int(0, items.length - 1)] as (typeof items)[number];
    },
    hex: (length) => {
      let text = '';
      while (text.length < length) text += int(0, 0xffff).toString(16).padStart(4, '0');
      return text.slice(0, length);
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
