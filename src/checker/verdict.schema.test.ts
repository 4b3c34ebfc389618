import fc from 'fast-check';
import { expect, test } from 'vitest';
import published from '../../docs/verdict.schema.json' with { type: 'json' };
import { judge } from './judge.ts';
import { smallRun } from './testing/arbitraries.ts';
import { context } from './testing/build.ts';
import { verdictJsonSchema, verdictSchema } from './verdict.schema.ts';

test('the published schema is that of the code', () => {
  expect(published).toEqual(verdictJsonSchema());
});

test('every verdict fits the schema, and is the same after it was written and read', () => {
  fc.assert(
    fc.property(smallRun, ({ sends, checkpoints }) => {
      const verdict = judge(sends, checkpoints, context());
      const read = JSON.parse(JSON.stringify(verdict));
      expect(read).toEqual(verdict);
      expect(verdictSchema.parse(read)).toEqual(verdict);
    }),
  );
});

test('what is no verdict does not fit', () => {
  const verdict = judge([], [], context());
  expect(verdictSchema.safeParse({ ...verdict, verdict: 'perhaps' }).success).toBe(false);
  expect(verdictSchema.safeParse({ ...verdict, extra: 1 }).success).toBe(false);
});
