import { expect, test } from 'vitest';
import type { EventType } from './events.ts';
import { expectedRow } from './expected-row.ts';
import { poisonIn } from './poison.ts';

const AT = Date.UTC(2026, 0, 1);

function poisonOf(type: EventType, body: Record<string, unknown>): string | undefined {
  const event = {
    id: 'e',
    timestamp: new Date(AT).toISOString(),
    type,
    body: { id: 'x', traceId: 't', ...body },
  };
  const kind = type === 'trace-create' ? 'trace' : type === 'score-create' ? 'score' : 'observation';
  const timed = { event, from: AT, to: AT };
  return poisonIn(expectedRow(kind, [timed], timed));
}

test('half of a surrogate pair, wherever it stands as text', () => {
  const half = 'a \ud83d';
  for (const body of [
    { name: half },
    { input: half },
    { tags: ['a', half] },
    { metadata: { key: half } },
    { metadata: { [half]: 'value' } },
  ]) {
    expect(poisonOf('trace-create', body)).toContain('surrogate');
  }
  expect(poisonOf('score-create', { name: 'n', value: 'good', comment: half })).toContain('comment');
});

test('a whole pair, and half of one inside a value that is stored as JSON, do no harm', () => {
  expect(poisonOf('trace-create', { input: 'a 😀', metadata: { key: '😀' } })).toBeUndefined();
  expect(poisonOf('trace-create', { input: { text: '\ud83d' } })).toBeUndefined();
});

test('usage: fractions and what 64 bits do not hold', () => {
  const usage = (input: number) => poisonOf('generation-create', { usageDetails: { input } });
  expect(usage(1.5)).toContain('1.5');
  expect(usage(1e21)).toContain('1e+21');
  expect(usage(2 ** 64)).toBeDefined();
  expect(usage(2 ** 53)).toBeUndefined();
  expect(usage(0)).toBeUndefined();
});

test('costs: a million and more', () => {
  const cost = (total: number) => poisonOf('generation-create', { costDetails: { total } });
  expect(cost(1_000_000)).toContain('1000000');
  expect(cost(999_999.999_999)).toBeUndefined();
  // Summed up to a total.
  expect(poisonOf('generation-create', { costDetails: { input: 600_000, output: 600_000 } })).toBeDefined();
});
