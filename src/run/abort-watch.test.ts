import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { AbortConditions } from '../stack/guard.ts';
import { AbortConditionMet, AbortWatch, type AnsweredSoFar } from './abort-watch.ts';

const NO_JOBS = { waiting: 0, active: 0, delayed: 0, failed: 0 };

/** Watches a target for so many looks, a second apart; returns why it was to stop, and at which look. */
async function watch(
  conditions: AbortConditions,
  {
    answers = () => ({ acknowledged: 0, others: 0 }),
    jobs = async () => NO_JOBS,
    looks = 100,
  }: {
    answers?: (second: number) => AnsweredSoFar;
    jobs?: (second: number) => Promise<typeof NO_JOBS>;
    looks?: number;
  },
) {
  let second = 0;
  const over = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => second * 1000,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      second += ms / 1000;
      if (second >= looks) {
        over.resolve();
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      }
    },
  };
  await using watch = new AbortWatch({
    conditions,
    clock,
    answered: () => answers(second),
    depths: () => jobs(second),
  });
  watch.signal.addEventListener('abort', () => over.resolve());
  await over.promise;
  const reason: unknown = watch.signal.reason;
  return reason instanceof AbortConditionMet ? { second, why: reason.message } : undefined;
}

test('nothing is ever a reason where no condition is set', async () => {
  expect(
    await watch({}, { answers: (second) => ({ acknowledged: 0, others: second * 100 }) }),
  ).toBeUndefined();
});

test('too long', async () => {
  expect(await watch({ time: { above: 20_000 } }, {})).toEqual({
    second: 21,
    why: 'the run has taken 21 s, and more than 20 s are not allowed (abort.time)',
  });
});

test('too many errors within the window, whatever was before it', async () => {
  // 10 events a second, all well for 50 s, then every second one fails.
  const answers = (second: number) => {
    const others = Math.max(0, second - 50) * 5;
    return { acknowledged: second * 10 - others, others };
  };
  const conditions = { errorRate: { above: 0.2, over: 10_000 } };
  expect(await watch(conditions, { answers })).toEqual({
    second: 55,
    why: '25 of 100 events that were answered within 10 s were not acknowledged, and more than 20 % are not allowed (abort.errorRate)',
  });
  expect(await watch({ errorRate: { above: 0.5, over: 10_000 } }, { answers })).toBeUndefined();
});

test('a few events say nothing of their share', async () => {
  const answers = () => ({ acknowledged: 0, others: 9 });
  expect(await watch({ errorRate: { above: 0.2, over: 10_000 } }, { answers })).toBeUndefined();
});

test('too many jobs; a queue that can not be read is none', async () => {
  const jobs = async (second: number) => {
    if (second < 5) throw new Error('away');
    return { waiting: 3, active: 100, delayed: 3, failed: second };
  };
  const met = await watch({ queueLength: { above: 20 } }, { jobs });
  expect(met?.second).toBe(15);
  expect(met?.why).toContain('21 jobs are waiting, delayed or failed');
});
