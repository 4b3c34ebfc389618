import { z } from 'zod';

/** The units that quantities of an external target's file are written in, and how many of the base unit each is. */
const UNITS = {
  /** Milliseconds. */
  time: { ms: 1, s: 1000, min: 60_000, h: 3_600_000 },
  /** 0 to 1. */
  share: { '%': 0.01 },
  jobs: { jobs: 1 },
} as const satisfies Record<string, Readonly<Record<string, number>>>;

/** An example of each, for whoever has written it otherwise. */
const EXAMPLES = { time: '30 s', share: '20 %', jobs: '5000 jobs' } as const;

/**
 * Reads a quantity with its unit, such as `30 s`, `20 %` or `5000 jobs`: milliseconds, a share from 0 to 1, or a number of jobs. A number
 * without a unit is refused: it would be anybody's guess.
 */
export function quantitySchema(kind: keyof typeof UNITS) {
  const units: Readonly<Record<string, number>> = UNITS[kind];
  const expected = `a number with its unit (${Object.keys(units).join(', ')}), such as ${EXAMPLES[kind]}`;
  return z.string({ error: `expected ${expected}` }).transform((text, context) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(\S+)$/.exec(text.trim()) ?? [];
    const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
    const value = factor === undefined ? Number.NaN : Number(number) * factor;
    if (value > 0 && !(kind === 'share' && value > 1)) return value;
    context.addIssue({
      code: 'custom',
      message: `expected ${expected}, above 0${kind === 'share' ? ' and up to 100 %' : ''}`,
    });
    return z.NEVER;
  });
}
