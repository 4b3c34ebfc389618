import { expect, test } from 'vitest';
import { entityOf } from './events.ts';

test('an event belongs to the entity of its kind and body id', () => {
  expect(entityOf({ type: 'trace-create', body: { id: 't1' } })).toBe('trace/t1');
  expect(entityOf({ type: 'generation-update', body: { id: 'g1' } })).toBe('observation/g1');
  expect(entityOf({ type: 'score-create', body: { id: 's1' } })).toBe('score/s1');
});

test('what is never stored has no entity', () => {
  expect(entityOf({ type: 'sdk-log', body: { id: 'x' } })).toBeUndefined();
  expect(entityOf({ type: 'trace-create', body: {} })).toBeUndefined();
  expect(entityOf({ type: 'score-create', body: { id: null } })).toBeUndefined();
  expect(entityOf({ type: 'toString' as 'sdk-log', body: { id: 'x' } })).toBeUndefined();
});
