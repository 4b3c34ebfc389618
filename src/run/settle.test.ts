import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { QueueDepths } from '../history/run-record.ts';
import { type RestSources, settle } from './settle.ts';

/** A clock that jumps ahead instead of sleeping, and sources that answer by its time. */
function world(depths: (now: number) => Partial<QueueDepths>, rows: (now: number) => string) {
  let time = 0;
  const clock: Clock = {
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
  };
  const sources: RestSources = {
    depths: async () => ({ waiting: 0, active: 0, delayed: 0, failed: 0, ...depths(time) }),
    rowsFingerprint: async () => rows(time),
    follow: async () => {
      followed.push(time);
      time += 1000;
    },
  };
  const followed: number[] = [];
  return { clock, sources, followed, options: { quietMs: 3000, timeoutMs: 20_000, clock } };
}

test('rest is proven only after the whole quiet time without jobs and without new rows', async () => {
  const { sources, options, clock, followed } = world(
    (now) => (now < 2000 ? { delayed: 1 } : {}),
    (now) => (now < 4000 ? String(now) : 'last'),
  );
  expect(await settle(sources, options)).toEqual({ settled: true });
  expect(followed).toEqual([7000, 8000]);
  expect(clock.now()).toBeGreaterThanOrEqual(9000 + 3000);
});

test('rest is not proven while our own events do not land behind what is in memory', async () => {
  const { sources, options } = world(
    () => ({}),
    () => 'rows',
  );
  sources.follow = () => Promise.reject(new Error('Waited 15 s for the second round.'));
  expect(await settle(sources, options)).toEqual({
    settled: false,
    why: 'events sent to follow it did not land: Waited 15 s for the second round.',
  });
});

test('a failed job is at rest; a delayed one never is', async () => {
  const still = world(
    () => ({ failed: 9 }),
    () => 'rows',
  );
  expect(await settle(still.sources, still.options)).toEqual({ settled: true });
  const delayed = world(
    () => ({ delayed: 2 }),
    () => 'rows',
  );
  expect(await settle(delayed.sources, delayed.options)).toEqual({
    settled: false,
    why: '0 jobs waiting, 0 active, 2 delayed',
  });
});

test('rows that keep coming, and sources that cannot be read, are no rest', async () => {
  const growing = world(() => ({}), String);
  expect(await settle(growing.sources, growing.options)).toEqual({
    settled: false,
    why: 'rows were still being written',
  });
  const blind = world(
    () => {
      throw new Error('ECONNREFUSED');
    },
    () => 'rows',
  );
  expect(await settle(blind.sources, blind.options)).toEqual({
    settled: false,
    why: 'the target could not be looked at: ECONNREFUSED',
  });
});
