import { expect, test } from 'vitest';
import { Killer } from './killer.ts';

test('kills until it is told of the end, one KILL at a time, all tags together', async () => {
  const kills: string[][] = [];
  const clock = { now: () => 0, sleep: async () => {} };
  const killer: Killer = new Killer(async (tags) => {
    kills.push([...tags]);
    await Promise.resolve();
    if (kills.length === 2) killer.ended('a');
    if (kills.length === 3) killer.ended('b');
  }, clock);
  await killer.idle();
  killer.doom('a');
  killer.doom('b');
  await killer.idle();
  expect(kills).toEqual([['a'], ['a', 'b'], ['b']]);
  killer.doom('c');
  killer.ended('c');
  await killer.idle();
  expect(kills[3]).toEqual(['c']);
});
