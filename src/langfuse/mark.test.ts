import { expect, test } from 'vitest';
import type { IngestionEvent } from './events.ts';
import { markKeyOf, markOfComment, markOfKey, marksOfMetadata, withMark } from './mark.ts';

const event = (type: IngestionEvent['type'], body: Record<string, unknown>): IngestionEvent => ({
  id: 'e1',
  timestamp: '2026-01-01T00:00:00.000Z',
  type,
  body,
});

test('a trace carries its mark beside the metadata it had', () => {
  const marked = withMark(event('trace-create', { id: 't', metadata: { a: 1 } }), 37);
  expect(marked.body.metadata).toEqual({ a: 1, chaos_11: 'e1' });
  expect(marksOfMetadata(marked.body.metadata)).toEqual([37]);
});

test('a score carries its mark at the end of its comment', () => {
  expect(withMark(event('score-create', { id: 's', comment: 'good' }), 5).body.comment).toBe(
    'good [chaos_5]',
  );
  expect(markOfComment('good [chaos_5]')).toBe(5);
  expect(markOfComment(withMark(event('score-create', { id: 's' }), 40).body.comment)).toBe(40);
  expect(markOfComment('good')).toBeUndefined();
});

test('an event that has no place for a mark stays as it is', () => {
  const scalar = event('trace-create', { id: 't', metadata: 'text' });
  expect(withMark(scalar, 1)).toBe(scalar);
  const log = event('sdk-log', { log: {} });
  expect(withMark(log, 1)).toBe(log);
});

test("the key of an event's own mark is found among others", () => {
  const marked = withMark(event('trace-create', { id: 't', metadata: { a: 1, chaos_zz: 'another' } }), 37);
  expect(markKeyOf(marked)).toBe('chaos_11');
  expect(markOfKey('chaos_11')).toBe(37);
  expect(markKeyOf(event('trace-create', { id: 't', metadata: { chaos_11: 'another' } }))).toBeUndefined();
  expect(markKeyOf(event('trace-create', { id: 't', metadata: 'text' }))).toBeUndefined();
});
