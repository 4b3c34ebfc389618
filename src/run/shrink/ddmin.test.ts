import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ddmin } from './ddmin.ts';

test('of twelve items one or two culprits are found in far less than forty tests', async () => {
  const items = Array.from({ length: 12 }, (_, index) => index);
  for (const culprits of [[0], [11], [5], [0, 11], [5, 6], [3, 8]]) {
    let tests = 0;
    const found = await ddmin(items, async (part) => {
      tests += 1;
      return culprits.every((culprit) => part.includes(culprit));
    });
    expect(found).toEqual(culprits);
    expect(tests).toBeLessThan(32);
  }
});

test('the result fails, and no item of it can be left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 4 }),
      async (culprits) => {
        const items = Array.from({ length: 16 }, (_, index) => index);
        const fails = (part: readonly number[]) => culprits.every((culprit) => part.includes(culprit));
        expect(await ddmin(items, async (part) => fails(part))).toEqual(culprits.toSorted((a, b) => a - b));
      },
    ),
  );
});

test('when no tests are left, the smallest that was seen to fail is the result', async () => {
  let left = 2;
  const found = await ddmin([1, 2, 3, 4, 5, 6, 7, 8], async (part) =>
    left-- > 0 ? part.includes(1) : undefined,
  );
  expect(found).toEqual([1, 2]);
});

test('with several tests at a time the result is the same', async () => {
  const items = Array.from({ length: 12 }, (_, index) => index);
  let atOnce = 0;
  let most = 0;
  const found = await ddmin(
    items,
    async (part) => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce -= 1;
      return part.includes(2) && part.includes(9);
    },
    2,
  );
  expect(found).toEqual([2, 9]);
  expect(most).toBe(2);
});
