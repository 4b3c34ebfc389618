import { expect, test } from 'vitest';
import type { ProbeRecord } from '../history/run-record.ts';
import type { Expectation } from '../scenario/scenario.ts';
import { checkExpectations } from './expectations.ts';
import type { CheckpointSummary } from './verdict.ts';

const answered: ProbeRecord = {
  label: 'S3 gone',
  endpoint: 'POST /a',
  at: 0,
  status: 500,
  body: 'sorry',
  tookMs: 1,
  persisted: { settled: 'S3', last: 'ClickHouse' },
};
const {
  status: _,
  persisted: __,
  ...unanswered
}: ProbeRecord = { ...answered, body: 'connect ECONNREFUSED' };

const held = (wanted: object, probe: ProbeRecord) =>
  checkExpectations(
    [{ kind: 'must', text: 'x', about: 'probe', label: 'S3 gone', endpoint: 'POST /a', ...wanted }],
    [],
    [probe],
  )[0];

test('of a probe its status, its text and where its events are can be expected, each by itself', () => {
  expect(held({ status: 500 }, answered)?.held).toBe(true);
  expect(held({ status: 207 }, answered)?.held).toBe(false);
  expect(held({ body: 'ECONNREFUSED' }, unanswered)?.held).toBe(true);
  expect(held({ body: 'ECONNREFUSED' }, answered)?.held).toBe(false);
  expect(held({ persisted: 'S3' }, answered)).toMatchObject({ held: true, seen: '500; S3' });
  expect(held({ persisted: 'nothing' }, answered)?.held).toBe(false);
  expect(held({ persisted: 'S3' }, unanswered)).toMatchObject({
    held: false,
    seen: 'no answer; not looked for',
  });
});

test('of a figure that is out of its bounds it is said what was expected', () => {
  const summary = { name: 'after-retry', blindLoss: 0, failedSet: 3 } as CheckpointSummary;
  const seen = (about: 'blind-loss' | 'failed-set', bounds: object) =>
    checkExpectations(
      [{ kind: 'shows', text: 'x', about, at: 'after-retry', ...bounds } as Expectation],
      [summary],
      [],
    )[0]?.seen;
  expect(seen('blind-loss', { atLeast: 1 })).toBe('blind loss 0 instead of at least 1');
  expect(seen('failed-set', { atMost: 0 })).toBe('failed jobs 3 instead of at most 0');
  expect(seen('failed-set', { atLeast: 4, atMost: 5 })).toBe(
    'failed jobs 3 instead of at least 4 and at most 5',
  );
  expect(seen('failed-set', { atLeast: 3 })).toBe('failed jobs 3');
});
