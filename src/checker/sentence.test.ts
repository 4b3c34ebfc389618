import { expect, test } from 'vitest';
import type { Expectation } from '../scenario/scenario.ts';
import { explainVerdict } from './sentence.ts';
import { summary } from './testing/build.ts';
import type { Reason } from './verdict.ts';

const COUNTS = { requests: 9, events: 90, entities: 30, acknowledged: 90, refused: 0, indeterminate: 0 };
const LAST = summary('settled', { lost: 5, ok: 85 }, { 's3-only': 5 });

const missed = (about: Expectation, seen: string): Reason => ({
  verdict: 'fail',
  code: 'expectation',
  text: `Expected: ${about.text}; seen: ${seen}.`,
});
const bound = { kind: 'must', at: 'settled', atMost: 0 } as const;
const MISSING: Expectation = { ...bound, text: 'nothing is missing', about: 'missing' };
const BLIND: Expectation = { ...bound, text: 'no blind loss', about: 'blind-loss' };
const LOST: Expectation = { ...bound, text: 'nothing is lost', about: 'outcome', outcome: 'lost' };
const FAILED: Expectation = { ...bound, text: 'no job has failed', about: 'failed-set' };
const LATE: Expectation = { ...bound, text: 'nothing is late', about: 'outcome', outcome: 'late' };
const ALL = [MISSING, BLIND, LOST, FAILED, LATE];

const fail = (reasons: Reason[]) => explainVerdict('fail', reasons, COUNTS, LAST, false, ALL);

test('expectations that only say once more that events are lost are no further reasons to fail', () => {
  const lost: Reason = { verdict: 'fail', code: 'lost', text: '5 are absent.' };
  const restated = [MISSING, BLIND, LOST].map((each) => missed(each, '5'));
  expect(fail([lost, ...restated])).toMatch(/^Fail: 5 of 90 acknowledged events are lost: [^()]*\.$/);
  expect(fail([lost, ...restated, missed(FAILED, '3'), missed(LATE, '2')])).toContain(
    '(and 2 more reasons to fail)',
  );
});

test('without a loss that is a reason itself they count', () => {
  const altered: Reason = { verdict: 'fail', code: 'altered', text: '1 event landed with other content.' };
  expect(fail([altered, missed(MISSING, '5')])).toContain('(and 1 more reason to fail)');
});

test.each([
  ['ended-early', 'The run was interrupted.'],
  ['aborted', 'The run was stopped as the target’s owner wants it.'],
  ['history-open', 'The history was not ended in order.'],
])('a run that did not come to its end (%s) says so before all that follows from it', (code, text) => {
  const reasons: Reason[] = [
    { ...missed(MISSING, 'nothing, as there is no checkpoint “settled”'), verdict: 'unknown' },
    { verdict: 'unknown', code, text },
  ];
  expect(explainVerdict('unknown', reasons, COUNTS, undefined)).toBe(`Unknown: ${text}`);
});
