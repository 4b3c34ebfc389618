import { type Clock, systemClock } from './clock.ts';
import { ChaosError, messageOf } from './errors.ts';
import type { LogExcerpt } from './log-excerpt.ts';

/** How {@link waitUntil} waits. */
export interface WaitOptions {
  /** Milliseconds after which it gives up. */
  readonly timeoutMs: number;
  /** Milliseconds between two looks; 50 unless told. */
  readonly intervalMs?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** What the reader should do when it never came true. */
  readonly remedy?: string;
  /** The last log lines of what is waited for, read when it gives up. */
  readonly log?: () => LogExcerpt | Promise<LogExcerpt>;
}

/**
 * Waits until `look` returns something other than `undefined`, `null` or `false`, and returns it. A throw of
 * `look` counts as "not yet". This takes the place of every fixed sleep.
 *
 * @param what what is waited for, as the end of the sentence "Waited for …"
 * @throws ChaosError `E_TIMEOUT`, which says what it waited for, how long, and the last value or error it saw
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  options: WaitOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const clock = options.clock ?? systemClock;
  const deadline = clock.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    let last: string;
    try {
      const value = await look();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
      last = `the last look gave ${String(value)}`;
    } catch (error) {
      last = `the last look failed: ${messageOf(error)}`;
    }
    if (clock.now() >= deadline) {
      throw new ChaosError({
        code: 'E_TIMEOUT',
        happened: `Waited ${options.timeoutMs / 1000} s for ${what}; ${last}.`,
        ...(options.log ? { log: await options.log() } : {}),
        remedy: options.remedy ?? 'look at the logs of the part that is named, then run again.',
      });
    }
    await clock.sleep(
      Math.min(options.intervalMs ?? 50, Math.max(1, deadline - clock.now())),
      options.signal,
    );
  }
}
