import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { Stack } from '../stack/stack.ts';
import type { BoundFault } from './catalogue.ts';
import { FaultLife } from './lifecycle.ts';

/** The faults below touch nothing. */
const stack = { component: () => ({ logSize: async () => 0 }) } as unknown as Stack;

/** A clock that jumps ahead instead of sleeping, and gives up the way a real one does when aborted. */
function jumpingClock(): Clock {
  let time = 1000;
  return {
    now: () => time,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      time += ms;
    },
  };
}

/** A fault whose steps are written down in the order they happen, together with the journal's. */
function observed(feltAfterLooks: number) {
  const steps: string[] = [];
  let looks = 0;
  const fault: BoundFault = {
    group: 'link',
    spec: { name: 'refused', on: 'worker→clickhouse' },
    meanwhile: async () => undefined,
    inject: async () => void steps.push('inject'),
    felt: async () => (++looks > feltAfterLooks ? 'seen' : undefined),
    recover: async () => void steps.push('recover'),
    healed: async () => 'works',
  };
  const journal = {
    injecting: () => {
      steps.push('journal: injecting');
      return 7;
    },
    undone: (entry: number) => void steps.push(`journal: undone ${entry}`),
    takenOver: (entry: number, since: number) => entry === 7 && since === 1000 && struckOut.by === 'watchdog',
  };
  const struckOut = { by: 'nobody' };
  return { fault, steps, struckOut, journal, life: new FaultLife(fault, stack, jumpingClock(), journal) };
}

test('a fault is journalled before it is injected and struck out after it is undone', async () => {
  const { life, steps } = observed(2);
  await life.inject();
  expect(await life.waitUntilFelt(new AbortController().signal)).toBe(true);
  await life.recover();
  await life.waitUntilHealed();
  expect(steps).toEqual(['journal: injecting', 'inject', 'recover', 'journal: undone 7']);
  expect(life.record).toEqual({
    fault: 'refused',
    on: 'worker→clickhouse',
    injectedAt: 1000,
    feltAt: 1200,
    felt: 'seen',
    recoveredAt: 1200,
    healedAt: 1200,
  });
});

test('a fault that is not felt before it ends stays without feltAt, and is recovered all the same', async () => {
  const { life, steps } = observed(Number.POSITIVE_INFINITY);
  await life.inject();
  const end = new AbortController();
  end.abort();
  expect(await life.waitUntilFelt(end.signal)).toBe(false);
  await life.recover();
  expect(life.record.feltAt).toBeUndefined();
  expect(steps).toContain('journal: undone 7');
});

test('a wrong transition is refused in words', async () => {
  const { life } = observed(0);
  await expect(life.waitUntilHealed()).rejects.toThrow(
    "The fault refused on worker→clickhouse can't wait until healed: it is ready.\n  expected: the state recovered",
  );
});

test('a failed injection leaves the entry in the journal, so that it is undone', async () => {
  const { life, steps, fault } = observed(0);
  fault.inject = async () => {
    throw new Error('no answer');
  };
  await expect(life.inject()).rejects.toThrow('no answer');
  expect(steps).toEqual(['journal: injecting']);
  await life.recover();
  expect(steps).toEqual(['journal: injecting', 'recover', 'journal: undone 7']);
});

test('one that could not be written to the journal was not injected, and there is nothing to undo', async () => {
  const { life, steps, journal } = observed(0);
  journal.injecting = () => {
    throw new Error('the disk is full');
  };
  await expect(life.inject()).rejects.toThrow('the disk is full');
  await life.recover();
  expect(steps).toEqual([]);
});

test('an entry that someone else struck out before the end of the injection is known', async () => {
  const { life, struckOut } = observed(0);
  await life.inject();
  expect(life.wasTakenOver()).toBe(false);
  struckOut.by = 'watchdog';
  expect(life.wasTakenOver()).toBe(true);
});
