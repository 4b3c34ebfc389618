import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('runs so many at once, the rest in order, also after a failure', async () => {
  const slots = new Slots(2);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const task = (name: string) =>
    slots.run(async () => {
      log.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (name === 'a') throw new Error('a fails');
    });
  const all = ['a', 'b', 'c', 'd'].map((name) => task(name).catch(() => {}));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(log).toEqual(['a', 'b']);
  ends[0]?.();
  await turn();
  expect(log).toEqual(['a', 'b', 'c']);
  ends[1]?.();
  await turn();
  expect(log).toEqual(['a', 'b', 'c', 'd']);
  ends[2]?.();
  ends[3]?.();
  await Promise.all(all);
});
