import { expect, test } from 'vitest';
import { quantitySchema } from './quantity.ts';

test('a quantity is read with its unit', () => {
  expect(quantitySchema('time').parse('30 s')).toBe(30_000);
  expect(quantitySchema('time').parse('1.5min')).toBe(90_000);
  expect(quantitySchema('share').parse('20 %')).toBeCloseTo(0.2);
  expect(quantitySchema('jobs').parse('5000 jobs')).toBe(5000);
});

test.each([
  ['time', '30'],
  ['time', 30],
  ['time', '30 %'],
  ['time', '0 s'],
  ['share', '101 %'],
  ['jobs', '-1 jobs'],
  ['jobs', '5 toString'],
] as const)('%s: %s is refused with an example', (kind, text) => {
  const { error } = quantitySchema(kind).safeParse(text);
  expect(error?.message).toMatch(/such as (30 s|20 %|5000 jobs)/);
});
