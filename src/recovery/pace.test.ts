import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { clearance, Skips, stopReason } from './pace.ts';
import { spread } from './retry-failed.ts';

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

const short = { depths: async () => ({ waiting: 1, active: 1, delayed: 1, failed: 9000 }) };

test('a slice may begin when ClickHouse answers and the queue is short; failed jobs do not count', async () => {
  let looks = 0;
  await clearance({
    queue: short,
    tables: { answers: async () => ++looks === 4 },
    maxQueued: 3,
    clock: jumpingClock(),
  });
  expect(looks).toBe(4);
});

test('ClickHouse that stays away, or a queue that stays long, is given up', async () => {
  const away = clearance({
    queue: short,
    tables: { answers: async () => false },
    patienceMs: 2000,
    clock: jumpingClock(),
  });
  await expect(away).rejects.toThrow('Waited 2 s for ClickHouse to answer');
  const long = clearance({
    queue: short,
    tables: { answers: async () => true },
    maxQueued: 2,
    clock: jumpingClock(),
  });
  await expect(long).rejects.toThrow(
    'Waited 60 s for the ingestion queue to have at most 2 jobs waiting, active or delayed; the last look failed: 3 jobs.',
  );
});

test('what was left alone is counted by reason, the most frequent first', () => {
  const skips = new Skips();
  skips.add('a');
  skips.add('b', 2);
  skips.add('b', 3);
  skips.add('c', 0);
  expect(skips.list()).toEqual([
    { reason: 'b', count: 5 },
    { reason: 'a', count: 1 },
  ]);
});

test('an abort is no reason to stop quietly', () => {
  expect(() => stopReason(new Error('interrupted'))).toThrow('interrupted');
});

test('the jobs tried first are spread over all', () => {
  expect(spread([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 4)).toEqual([1, 3, 6, 8]);
  expect(spread([1, 2, 3], 20)).toEqual([1, 2, 3]);
  expect(spread([], 20)).toEqual([]);
});
