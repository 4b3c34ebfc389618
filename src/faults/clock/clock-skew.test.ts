import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Stack } from '../../stack/stack.ts';
import { bindFault } from '../catalogue.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-03-01T23:00:00.250Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stack whose worker obeys, and has read its clock so often. */
function stackWithClock(reads = 7) {
  let offset = 0;
  const stack = {
    clock: {
      setOffset: async (_process: string, ms: number) => {
        offset = ms;
      },
      wantedOf: async () => offset,
      readingOf: async () => ({ offsetMs: offset, reads }),
    },
  } as unknown as Stack;
  return { stack, offset: () => offset };
}

test.each([
  [{ offsetSeconds: -90 }, -90_000],
  [{ to: '23:59:30' }, 3_569_750],
  // It never goes back: what has passed today comes tomorrow.
  [{ to: '23:00:00' }, 86_399_750],
  [{ to: '00:00:00' }, 3_599_750],
])('%o sets the clock so many milliseconds ahead', async (parameters, expected) => {
  const { stack, offset } = stackWithClock();
  const fault = bindFault({ name: 'clock-skew', on: 'worker', ...parameters });
  await fault.inject(stack);
  expect(offset()).toBe(expected);
  vi.advanceTimersByTime(5000);
  await fault.inject(stack);
  expect(offset()).toBe(expected);
  await fault.recover(stack);
  expect(offset()).toBe(0);
  expect(await fault.healed(stack)).toBe('the clock of the worker is right again');
});

test('it is felt when the program has read the wrong time, in words', async () => {
  const fault = bindFault({ name: 'clock-skew', on: 'worker', offsetSeconds: -90 });
  const unread = stackWithClock(0);
  await fault.inject(unread.stack);
  expect(await fault.felt(unread.stack, 0, { web: 0, worker: 0 })).toBeUndefined();
  const { stack } = stackWithClock();
  expect(await fault.felt(stack, 0, { web: 0, worker: 0 })).toBeUndefined();
  await fault.inject(stack);
  expect(await fault.felt(stack, 0, { web: 0, worker: 0 })).toBe(
    'the worker read its clock 7 times, which is 90 s behind',
  );
});

test('one of offset and time of day is needed, and a right one', () => {
  const bind = (parameters: object) => () => bindFault({ name: 'clock-skew', on: 'web', ...parameters });
  expect(bind({})).toThrow('give offsetSeconds or to');
  expect(bind({ offsetSeconds: 1, to: '10:00:00' })).toThrow('give offsetSeconds or to');
  expect(bind({ offsetSeconds: 0 })).toThrow('a clock that is 0 seconds ahead is right');
  expect(bind({ to: '24:00:00' })).toThrow('to');
});
