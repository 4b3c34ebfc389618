import { expect, test } from 'vitest';
import { SPANS_PATH } from '../langfuse/endpoints.ts';
import { readAnswer } from './answer.ts';

const request = { at: 0, path: SPANS_PATH, body: '{}', eventIds: ['trace/1', 'observation/2'] };
const answer = (statuses: readonly number[], errors: readonly object[] = []) =>
  readAnswer(
    request,
    207,
    JSON.stringify({
      successes: statuses.map((status, index) => ({ id: `made up ${index}`, status })),
      errors,
    }),
  );

test('spans are answered under ids of the target’s own: all of them are acknowledged, or none for certain', () => {
  expect(answer([201, 201])).toEqual({
    answer: { status: 207, allAcknowledged: true },
    count: { acknowledged: 2, refused: 0, indeterminate: 0 },
  });
  const none = { acknowledged: 0, refused: 0, indeterminate: 2 };
  expect(answer([201]).count).toEqual(none);
  expect(answer([201, 201], [{ id: 'x', status: 400 }])).toMatchObject({ count: none });
  expect(answer([201, 201], [{ id: 'x', status: 400 }]).answer.allAcknowledged).toBeUndefined();
  expect(readAnswer(request, 500, '{}').count).toEqual(none);
});
