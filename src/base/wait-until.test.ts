import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { logExcerpt } from './log-excerpt.ts';
import { waitUntil } from './wait-until.ts';

/** A clock that jumps ahead instead of sleeping. */
function jumpingClock(): Clock {
  let time = 0;
  return {
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
  };
}

test('returns the first value that is there, and treats a throw as "not yet"', async () => {
  let looks = 0;
  const value = await waitUntil(
    'the third look',
    () => {
      looks += 1;
      if (looks === 1) throw new Error('too early');
      return looks === 3 ? { looks } : undefined;
    },
    { timeoutMs: 1000, clock: jumpingClock() },
  );
  expect(value).toEqual({ looks: 3 });
});

test('gives up with what it waited for, the last value, the log and the remedy', async () => {
  const waiting = waitUntil('Redis to answer', () => Promise.reject(new Error('ECONNREFUSED')), {
    timeoutMs: 2000,
    clock: jumpingClock(),
    log: () => logExcerpt(['out of memory'], []),
    remedy: 'start Redis.',
  });
  await expect(waiting).rejects.toThrow(
    'Waited 2 s for Redis to answer; the last look failed: ECONNREFUSED.\n' +
      '  last log lines:\n    out of memory\n  next: start Redis.',
  );
});

test('an abort ends the wait', async () => {
  const abort = new AbortController();
  abort.abort(new Error('interrupted'));
  await expect(waitUntil('anything', () => false, { timeoutMs: 1000, signal: abort.signal })).rejects.toThrow(
    'interrupted',
  );
});
