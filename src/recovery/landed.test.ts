import { describe, expect, test } from 'vitest';
import type { IngestionEvent } from '../langfuse/events.ts';
import { withMark } from '../langfuse/mark.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import { landed } from './landed.ts';

const AT = '2026-01-01T12:00:00.000Z';
const OBJECT = Date.parse(AT);

const trace = (body: Record<string, unknown> = {}, timestamp = AT): IngestionEvent => ({
  id: `e-${JSON.stringify(body)}-${timestamp}`,
  timestamp,
  type: 'trace-create',
  body: { id: 't', timestamp: AT, ...body },
});

/** The row that Langfuse makes of a trace event without any field, merged a second later. */
const row = (columns: Partial<StoredRow> = {}): StoredRow => ({
  kind: 'trace',
  project_id: 'p',
  id: 't',
  event_ts: '2026-01-01 12:00:01.000',
  is_deleted: 0,
  timestamp: '2026-01-01 12:00:00.000',
  environment: 'default',
  name: '',
  user_id: null,
  session_id: null,
  release: null,
  version: null,
  public: false,
  tags: [],
  metadata: {},
  input: null,
  output: null,
  ...columns,
});

test('no row is missing, and so is a hidden one', () => {
  expect(landed([trace()], [], OBJECT)).toBe('missing');
  expect(landed([trace()], [row({ is_deleted: 1 })], OBJECT)).toBe('missing');
});

describe('events with marks', () => {
  const events = [withMark(trace(), 1), withMark(trace({ name: 'n' }), 2)];

  test('are whole when the row carries all their marks', () => {
    expect(landed(events, [row({ metadata: { chaos_1: 'x', chaos_2: 'y', other: 'z' } })], OBJECT)).toBe(
      'whole',
    );
  });

  test('are incomplete when it lacks one, however late it was merged', () => {
    const late = row({ metadata: { chaos_1: 'x' }, event_ts: '2026-02-01 00:00:00.000' });
    expect(landed(events, [late], OBJECT)).toBe('incomplete');
  });

  test('are judged by the newest live row', () => {
    const older = row({ metadata: { chaos_1: 'x', chaos_2: 'y' } });
    const newer = row({ metadata: { chaos_1: 'x' }, event_ts: '2026-01-01 12:00:09.000' });
    expect(landed(events, [newer, older], OBJECT)).toBe('incomplete');
    expect(landed(events, [{ ...newer, is_deleted: 1 }, older], OBJECT)).toBe('whole');
  });
});

describe('scores', () => {
  const score = (comment: string | undefined, timestamp = AT): IngestionEvent => ({
    id: 'e',
    timestamp,
    type: 'score-create',
    body: { id: 's', traceId: 't', name: 'quality', value: 1, ...(comment ? { comment } : {}) },
  });
  const stored = (comment: string | null) => row({ kind: 'score', id: 's', comment });
  const later = '2026-01-01T12:00:05.000Z';

  test('are whole when the row carries the mark of the newest', () => {
    const events = [score('new [chaos_2]', later), score('old [chaos_1]')];
    expect(landed(events, [stored('new [chaos_2]')], OBJECT)).toBe('whole');
    expect(landed(events, [stored('old [chaos_1]')], OBJECT)).toBe('incomplete');
    expect(landed(events, [stored(null)], OBJECT)).toBe('incomplete');
  });

  test('of one time: either may be the newest', () => {
    const events = [score('a [chaos_1]'), score('b [chaos_2]')];
    expect(landed(events, [stored('a [chaos_1]')], OBJECT)).toBe('whole');
    expect(landed(events, [stored('b [chaos_2]')], OBJECT)).toBe('whole');
  });
});

describe('events without marks', () => {
  test('are whole when the row is what Langfuse makes of them', () => {
    const update = trace({ name: 'n' }, '2026-01-01T12:00:02.000Z');
    expect(landed([trace(), update], [row({ name: 'n' })], OBJECT)).toBe('whole');
    expect(landed([trace(), update], [row()], OBJECT)).toBe('incomplete');
  });

  test('any of them may have been processed first and so have fixed the time', () => {
    const other = trace({ timestamp: '2026-01-01T13:00:00.000Z' }, '2026-01-01T12:00:02.000Z');
    expect(landed([trace(), other], [row({ timestamp: '2026-01-01 13:00:00.000' })], OBJECT)).toBe('whole');
    expect(landed([trace(), other], [row({ timestamp: '2026-01-01 14:00:00.000' })], OBJECT)).toBe(
      'incomplete',
    );
  });

  test('beside one with a mark: the mark must be there, and the content fit', () => {
    const marked = withMark(trace(), 7);
    const plain = trace({ input: 'question' }, '2026-01-01T12:00:02.000Z');
    const metadata = { chaos_7: marked.id };
    expect(landed([marked, plain], [row({ metadata, input: 'question' })], OBJECT)).toBe('whole');
    expect(landed([marked, plain], [row({ metadata })], OBJECT)).toBe('incomplete');
    expect(landed([marked, plain], [row({ input: 'question' })], OBJECT)).toBe('incomplete');
  });

  test('in more orders than can be tried are judged by when the row was merged', () => {
    const many = Array.from({ length: 9 }, (_, n) => trace({ name: `n${n}`, input: 'x' }));
    expect(landed(many, [row()], OBJECT)).toBe('whole');
    expect(landed(many, [row({ event_ts: '2026-01-01 11:59:59.999' })], OBJECT)).toBe('incomplete');
  });
});
