import { expect, test } from 'vitest';
import { subjectOf } from './queued-jobs.ts';

const job = (type: unknown, eventBodyId: unknown, projectId: unknown = 'p') =>
  JSON.stringify({ payload: { data: { type, eventBodyId }, authCheck: { scope: { projectId } } } });

test('a job is for the entity that its event type and body id name', () => {
  expect(subjectOf(job('generation-update', 'a/b'))).toEqual({ projectId: 'p', entity: 'observation/a/b' });
  expect(subjectOf(job('score-create', 's'))).toEqual({ projectId: 'p', entity: 'score/s' });
});

test.each([
  ['not JSON', '{'],
  ['null', 'null'],
  ['empty', '{}'],
  ['of an unknown type', job('trace-delete', 't', 1)],
  ['without a body id', job('trace-create', '', 1)],
])('job data that is %s is for no entity', (_, data) => {
  expect(subjectOf(data)).toEqual({ projectId: '', entity: undefined });
});
