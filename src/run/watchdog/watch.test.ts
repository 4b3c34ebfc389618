import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BEAT, END } from './lease.ts';
import { watch } from './watch.ts';

const LEASE_MS = 5000;
let input: PassThrough;
let alive: boolean;
let lapses: number[];
let began: number;

beforeEach(() => {
  vi.useFakeTimers();
  input = new PassThrough();
  alive = true;
  lapses = [];
  began = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function start(onLapse = async () => {}) {
  return watch({
    input,
    isHarnessAlive: () => alive,
    leaseMs: LEASE_MS,
    clock: { now: () => Date.now(), sleep: async () => {} },
    onLapse: async () => {
      lapses.push(Date.now() - began);
      await onLapse();
    },
  });
}

test('as long as the lease is renewed nothing happens, and at the end it ends at once', async () => {
  const watching = start();
  for (let second = 1; second <= 30; second += 1) {
    await vi.advanceTimersByTimeAsync(1000);
    // In pieces, as a pipe may deliver it.
    input.write(BEAT.slice(0, 2));
    input.write(`${BEAT.slice(2)}\n`);
  }
  input.write(`${END}\n`);
  expect(await watching).toBe('ended');
  expect(lapses).toEqual([]);
});

test('a lease that is not renewed is taken within 2 s of its end, and again until it is renewed', async () => {
  const watching = start(() => new Promise((resolve) => setTimeout(resolve, 1000)));
  await vi.advanceTimersByTimeAsync(2000);
  input.write(`${BEAT}\n`);
  await vi.advanceTimersByTimeAsync(LEASE_MS + 2000);
  expect(lapses[0]).toBeGreaterThan(2000 + LEASE_MS);
  expect(lapses[0]).toBeLessThanOrEqual(2000 + LEASE_MS + 2000);
  const times = lapses.length;
  expect(times).toBeGreaterThan(1);
  input.write(`${BEAT}\n`);
  await vi.advanceTimersByTimeAsync(3000);
  expect(lapses.length).toBeLessThanOrEqual(times + 1);
  input.write(`${END}\n`);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await watching).toBe('ended');
});

test('what goes wrong when the lease is taken is said, and it is taken again', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const watching = start(async () => {
    throw new Error('no space left on device');
  });
  await vi.advanceTimersByTimeAsync(LEASE_MS + 2000);
  expect(lapses.length).toBeGreaterThan(1);
  expect(said).toHaveBeenCalledWith(expect.stringContaining('no space left on device'));
  alive = false;
  input.end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(await watching).toBe('died');
});

test('a harness is dead when its pipe is closed and its process is gone, not before', async () => {
  const watching = start();
  let how: string | undefined;
  void watching.then((result) => {
    how = result;
  });
  input.end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(how).toBeUndefined();
  alive = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(how).toBe('died');
  expect(lapses).toEqual([]);
});

test('the end that a dying harness still said counts: it had undone everything', async () => {
  const watching = start();
  alive = false;
  input.end(`${BEAT}\n${END}\n`);
  await vi.advanceTimersByTimeAsync(100);
  expect(await watching).toBe('ended');
});
