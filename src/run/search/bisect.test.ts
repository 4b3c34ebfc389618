import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bisect } from './bisect.ts';

test('the border is found to the precision, with few questions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 11, max: 599 }), async (tenths) => {
      const border = tenths / 10;
      let asked = 0;
      const found = await bisect({ shortest: 1, longest: 60, precision: 0.5 }, async (seconds) => {
        asked += 1;
        return seconds <= border;
      });
      expect(found.survived).toBeLessThanOrEqual(border);
      expect(found.notSurvived).toBeGreaterThan(border);
      expect((found.notSurvived ?? 0) - (found.survived ?? 0)).toBeLessThanOrEqual(0.5);
      expect(asked).toBeLessThanOrEqual(9);
    }),
  );
});

test('what is always survived, and what never is, is said so', async () => {
  const range = { shortest: 1, longest: 60, precision: 0.5 };
  expect(await bisect(range, async () => true)).toEqual({ survived: 60 });
  expect(await bisect(range, async () => false)).toEqual({ notSurvived: 1 });
});
