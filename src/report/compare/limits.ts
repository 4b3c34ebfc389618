import { ChaosError } from '../../base/errors.ts';

/** How much more of something is not yet worse: so many of it, so many percent of what it was, or any number: it is shown, and not judged. */
export type Limit = { readonly count: number } | { readonly percent: number } | { readonly any: true };

/** The limits of a comparison, by the command's option. */
export interface Limits {
  /** Events lost at the last checkpoint. */
  readonly moreLost: Limit;
  /** Events doubled, altered, vanished, leaked or unexpected at the last checkpoint, each kind by itself. */
  readonly moreWrong: Limit;
  /** Missing events that no queue shows once the target has come to rest by itself. */
  readonly moreBlind: Limit;
  /** Missing events once the target has come to rest by itself. */
  readonly moreMissing: Limit;
  /** Acknowledged events that did not land by themselves within the visibility budget. */
  readonly moreLate: Limit;
  /** Events refused, each by itself or with its whole request. */
  readonly moreRefused: Limit;
  /** Events of which no answer tells whether they were taken. */
  readonly moreIndeterminate: Limit;
  /** Requests of the traffic that were not answered with a 2xx. */
  readonly moreErrors: Limit;
  /** Times to recover; see {@link TIME_SLACK_MS}. */
  readonly slowerBy: Limit;
}

/**
 * What a comparison goes by unless told. What is acknowledged and gone for good, or wrong, or refused, has no room: one event is worse. What
 * depends on where in a second a fault hit has some; from nothing to something is worse all the same. How many are late depends on the
 * machine more than on what is tested.
 */
export const DEFAULT_LIMITS: Limits = {
  moreLost: { count: 0 },
  moreWrong: { count: 0 },
  moreBlind: { percent: 25 },
  moreMissing: { percent: 25 },
  moreLate: { any: true },
  moreRefused: { count: 0 },
  moreIndeterminate: { percent: 25 },
  moreErrors: { percent: 25 },
  slowerBy: { percent: 50 },
};

/**
 * Milliseconds by which a time may be longer whatever the limit: the harness looks once a second, and what retries with a back-off comes
 * a few seconds sooner or later by chance.
 */
export const TIME_SLACK_MS = 10_000;

/** The option of a limit as it is typed: `--more-lost`. */
export function limitOption(name: keyof Limits): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Reads a limit: `0`, `12`, `25%`, `any`.
 *
 * @throws ChaosError `E_USAGE`
 */
export function parseLimit(text: string): Limit {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return { percent: Number(percent) };
  if (/^\d+$/.test(text)) return { count: Number(text) };
  if (text === 'any') return { any: true };
  throw new ChaosError({
    code: 'E_USAGE',
    happened: `"${text}" is no limit.`,
    expected: 'a whole number such as 0, a percentage of what it was such as 25%, or any',
    remedy: 'write it so.',
  });
}

/** As {@link parseLimit} reads it. */
export function limitText(limit: Limit): string {
  if ('any' in limit) return 'any';
  return 'count' in limit ? String(limit.count) : `${limit.percent}%`;
}

/** The most of something that is not worse, where it was `before`. A percentage is rounded up: of 2, half a percent more is 3. */
export function mostAllowed(before: number, limit: Limit): number {
  if ('any' in limit) return Number.POSITIVE_INFINITY;
  return 'count' in limit ? before + limit.count : Math.ceil(before * (1 + limit.percent / 100));
}
