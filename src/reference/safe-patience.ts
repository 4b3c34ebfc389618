import type { Logger } from './log.ts';

/** Milliseconds between two tries: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1000;

/** Something took longer than it may. */
export class TooSlow extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = 'TooSlow';
  }
}

/**
 * Waits for something no longer than `ms` milliseconds. What was begun may still have its effect afterwards.
 * @throws TooSlow
 */
export async function within<Result>(ms: number, what: string, action: Promise<Result>): Promise<Result> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TooSlow(what, ms)), ms);
  try {
    return await Promise.race([action, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, until the signal aborts at most. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = () => resolve();
  signal.addEventListener('abort', end, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
}

/** How {@link patiently} goes on. */
export interface Patience {
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Errors that waiting does not cure; none unless told. */
  readonly isHopeless?: (error: unknown) => boolean;
}

/**
 * Tries again for as long as it takes: what is away comes back, and the work waits for it instead of failing.
 * @throws what is hopeless; the signal's reason
 */
export async function patiently<Result>(
  what: string,
  action: () => Promise<Result>,
  { log, signal, isHopeless = () => false }: Patience,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      const result = await action();
      if (tries > 1) log.info(`${what} works again after ${tries} tries`);
      return result;
    } catch (error) {
      if (isHopeless(error)) throw error;
      if (tries === 1) log.warn({ err: error }, `${what} is away: waiting for it`);
    }
    await pause(Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE), signal);
  }
}
