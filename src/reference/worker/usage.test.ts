import { expect, test } from 'vitest';
import { finalCosts, finalUsage } from './usage.ts';

test('usage gets a total, unless it has one or there is none', () => {
  expect(finalUsage({ input: 1, output: 2 }).usage_details).toEqual({ input: 1, output: 2, total: 3 });
  expect(finalUsage({ input: 1, total: 9 }).usage_details).toEqual({ input: 1, total: 9 });
  expect(finalUsage({}).usage_details).toEqual({});
  expect(finalUsage({ input: 1, output: 2 }).provided_usage_details).toEqual({ input: 1, output: 2 });
});

test('costs get a total only if there is nothing but input and output', () => {
  expect(finalCosts({ input: 1, output: 2 })).toEqual({
    cost_details: { input: 1, output: 2, total: 3 },
    total_cost: 3,
  });
  expect(finalCosts({ input: 1, cached: 2 })).toEqual({
    cost_details: { input: 1, cached: 2 },
    total_cost: undefined,
  });
  expect(finalCosts({ cached: 2, total: 5 }).total_cost).toBe(5);
  expect(finalCosts({})).toEqual({ cost_details: {}, total_cost: undefined });
});
