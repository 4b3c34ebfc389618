import { describe, expect, test } from 'vitest';
import { summary } from '../../checker/testing/build.ts';
import type { Finding, Outcome, Verdict } from '../../checker/verdict.ts';
import type { SelfTestExpectation } from './expectation.ts';
import { describeVerdict, judgeCase } from './judge-case.ts';
import type { Planted } from './planted.ts';

const LOST: SelfTestExpectation = {
  verdict: 'fail',
  reasons: ['lost'],
  planted: [{ outcome: 'lost', stages: { settled: 's3-only' } }],
};

const lost = (eventId: string, more: Partial<Finding> = {}): Finding => ({
  outcome: 'lost',
  entity: 'trace/a-1',
  eventId,
  stages: { heal: 'queued', settled: 's3-only' },
  ...more,
});

/** A verdict that fails for each outcome among its findings, and counts them. */
function verdict(findings: readonly Finding[], more: Partial<Verdict> = {}): Verdict {
  const outcomes = [...new Set(findings.map(({ outcome }) => outcome))];
  const counts = Object.fromEntries(
    outcomes.map((each) => [each, findings.filter(({ outcome }) => outcome === each).length]),
  ) as Partial<Record<Outcome, number>>;
  return {
    version: 1,
    run: 'r',
    scenario: 's',
    seed: '1',
    verdict: findings.length > 0 ? 'fail' : 'pass',
    sentence: 'So it is.',
    reasons: outcomes.map((code) => ({ verdict: 'fail', code, text: code })),
    counts: { requests: 1, events: 2, entities: 2, acknowledged: 2, refused: 0, indeterminate: 0 },
    checkpoints: [summary('settled', counts)],
    expectations: [],
    findings,
    ...more,
  };
}

const planted = (...events: string[]): Planted =>
  new Map([['trace/a-1', { events: new Set(events), partly: false }]]);

const misses = (findings: readonly Finding[], expected = LOST, hits = planted('e1')) =>
  judgeCase(verdict(findings), expected, hits);

test('a verdict that names each event that was hit, with its outcome and stage, is right', () => {
  expect(misses([lost('e1')])).toEqual([]);
  expect(misses([lost('e1'), lost('e2')], LOST, planted('e1', 'e2'))).toEqual([]);
  expect(judgeCase(verdict([]), { verdict: 'pass', reasons: [], planted: [] }, new Map())).toEqual([]);
});

describe('a miss is', () => {
  test('a wrong outcome', () => {
    const found = misses([lost('e1', { outcome: 'vanished' })]);
    expect(found).toContain('its reasons are vanished, not lost');
    expect(found).toContain('event e1 of trace/a-1 is called vanished, which is wrong');
    expect(found).toContain('trace/a-1 was hit, and nothing of it is called lost');
  });

  test('a wrong stage, or one that is not said', () => {
    expect(misses([lost('e1', { stages: { settled: 'failed-set' } })])).toEqual([
      'event e1 of trace/a-1 is said to be failed-set at settled, not s3-only at settled',
    ]);
    expect(misses([lost('e1', { stages: { heal: 's3-only' } })])).toEqual([
      'event e1 of trace/a-1 is said to be missing nowhere, not s3-only at settled',
    ]);
  });

  test('an event that was hit and is not named, and one that is named and was not hit', () => {
    expect(misses([lost('e1')], LOST, planted('e1', 'e2'))).toEqual([
      'trace/a-1 was hit, and its events e2 are not called lost',
    ]);
    expect(misses([lost('e1'), lost('e2')])).toEqual([
      'trace/a-1 was hit, and its events e2, which were not, are called lost too',
    ]);
  });

  test('anything bad that is said of another entity', () => {
    expect(misses([lost('e1'), lost('e9', { entity: 'trace/b-2' })])).toEqual([
      'event e9 of trace/b-2 is called lost, though it was not hit',
    ]);
  });

  test('a pass', () => {
    expect(misses([])).toEqual([
      'the verdict is pass, not fail: So it is.',
      'its reasons are none, not lost',
      'trace/a-1 was hit, and nothing of it is called lost',
    ]);
  });

  test('a defect that hit nothing', () => {
    expect(misses([lost('e1')], LOST, new Map())).toContain(
      'the defect did not come into play: nothing was hit',
    );
  });

  test('a reason too many, for example a doubt', () => {
    const doubt = { verdict: 'unknown', code: 'not-settled', text: '' } as const;
    const found = verdict([lost('e1')]);
    expect(judgeCase({ ...found, reasons: [...found.reasons, doubt] }, LOST, planted('e1'))).toEqual([
      'its reasons are lost, not-settled, not lost',
    ]);
  });

  test('a figure that the findings do not bear out', () => {
    const found = verdict([lost('e1')], { checkpoints: [summary('settled', { lost: 2 })] });
    expect(judgeCase(found, LOST, planted('e1'))).toEqual(['2 are counted as lost, and 1 are named']);
  });

  test('a difference in a field that was left alone', () => {
    const expected: SelfTestExpectation = {
      verdict: 'fail',
      reasons: ['altered'],
      planted: [{ outcome: 'altered', fields: ['metadata'] }],
    };
    const differing = (...fields: string[]) =>
      lost('e1', {
        outcome: 'altered',
        stages: {},
        differences: fields.map((field) => ({ field, stored: '1', allowed: ['2'] })),
      });
    expect(misses([differing('metadata', 'metadata.client')], expected)).toEqual([]);
    expect(misses([differing('metadata.client', 'name')], expected)).toEqual([
      'event e1 of trace/a-1 is said to differ in name',
    ]);
  });

  test('a difference that is not said', () => {
    const altered = (fields: SelfTestExpectation['planted'][number]['fields']): SelfTestExpectation => ({
      verdict: 'fail',
      reasons: ['altered'],
      planted: [{ outcome: 'altered', ...(fields ? { fields } : {}) }],
    });
    const said = (...fields: string[]) =>
      lost('e1', {
        outcome: 'altered',
        stages: {},
        differences: fields.map((field) => ({ field, stored: '1', allowed: ['2'] })),
      });
    expect(misses([said('user_id')], altered(['user_id', 'session_id']))).toEqual([
      'event e1 of trace/a-1 is not said to differ in session_id',
    ]);
    expect(misses([said()], altered(undefined))).toEqual([
      'event e1 of trace/a-1 is not said where it differs',
    ]);
    const byKind = altered({ trace: ['timestamp'], observation: ['start_time'] });
    expect(misses([said('timestamp')], byKind)).toEqual([]);
    expect(misses([said('start_time')], byKind)).toHaveLength(2);
  });
});

test('of a hit that nobody knows the extent of, one event must be named', () => {
  const partly: Planted = new Map([['trace/a-1', { events: new Set(['e1', 'e2']), partly: true }]]);
  expect(misses([lost('e1')], LOST, partly)).toEqual([]);
  expect(misses([], LOST, partly)).toContain('trace/a-1 was hit, and nothing of it is called lost');
});

test('what others may be called is no miss, but only in that way', () => {
  const expected = { ...LOST, others: [{ outcome: 'lost', stages: { settled: 'failed-set' } }] } as const;
  const other = (stage: 'failed-set' | 's3-only') =>
    lost('e9', { entity: 'trace/b-2', stages: { settled: stage } });
  expect(misses([lost('e1'), other('failed-set')], expected)).toEqual([]);
  expect(misses([lost('e1'), other('s3-only')], expected)).toHaveLength(1);
});

test('an outcome that is only counted must be counted right', () => {
  const expected: SelfTestExpectation = { verdict: 'fail', reasons: [], planted: [], counted: 'late' };
  const late = (count: number) =>
    verdict([], { verdict: 'fail', checkpoints: [summary('settled', { late: count })] });
  expect(judgeCase(late(2), expected, planted('e1', 'e2'))).toEqual([]);
  expect(judgeCase(late(3), expected, planted('e1', 'e2'))).toEqual([
    '3 are counted as late, and 2 were hit',
  ]);
});

test('a verdict in a few words', () => {
  expect(describeVerdict(verdict([lost('e1'), lost('e2'), lost('e3', { stages: {} })]))).toBe(
    'lost · s3-only ×2, lost ×1',
  );
  expect(describeVerdict(verdict([]))).toBe('pass');
});
