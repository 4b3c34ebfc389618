import { expect, test } from 'vitest';
import { SPANS_PATH } from '../langfuse/endpoints.ts';
import { readAnswer } from './answer.ts';

const request = { at: 0, path: SPANS_PATH, body: '{}', eventIds: ['span'] };
const all = { acknowledged: 1, refused: 0, indeterminate: 0 };
const none = { acknowledged: 0, refused: 0, indeterminate: 1 };
const answer = (status: number, body: object) => readAnswer(request, status, JSON.stringify(body));
const successes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `made up ${index}`, status: 201 }));

test('spans are answered under ids of the target’s own, one or two for each: all of them are acknowledged, or none for certain', () => {
  for (const count of [1, 2]) {
    const { answer: whole, count: counted } = answer(207, { successes: successes(count), errors: [] });
    expect(whole).toEqual({ status: 207, allAcknowledged: true });
    expect(counted).toEqual(all);
  }
  expect(answer(207, { successes: [], errors: [] }).count).toEqual(none);
  const part = answer(207, { successes: successes(1), errors: [{ id: 'x', status: 400 }] });
  expect(part.count).toEqual(none);
  expect(part.answer.allAcknowledged).toBeUndefined();
  expect(readAnswer(request, 500, '{}').count).toEqual(none);
});

test('a 200 acknowledges all spans, unless it says that some were not taken', () => {
  expect(answer(200, { name: 'otel-ingestion-job' }).answer).toEqual({ status: 200, allAcknowledged: true });
  expect(answer(200, { partialSuccess: { rejectedSpans: '0' } }).count).toEqual(all);
  expect(answer(200, { partialSuccess: { rejectedSpans: '1', errorMessage: 'x' } }).count).toEqual(none);
  expect(answer(200, { successes: successes(1), errors: [{ id: 'x', status: 400 }] }).count).toEqual(none);
  expect(answer(400, { error: 'x' }).count).toEqual({ acknowledged: 0, refused: 1, indeterminate: 0 });
});
