import { expect, test } from 'vitest';
import type { ProbeRecord } from '../history/run-record.ts';
import type { Checkpoint, JudgeContext, SentEvent } from './input.ts';
import { createJudge, judge, partOf } from './judge.ts';
import {
  checkpoint,
  context,
  event,
  PROJECT,
  START,
  scoreRow,
  sent,
  storedTime,
  summary,
  timeText,
  traceRow,
} from './testing/build.ts';

const trace = (n: number, body: Record<string, unknown> = {}, seconds: number = n) =>
  event(n, 'trace-create', { id: 't', ...body }, seconds);
const score = (n: number, body: Record<string, unknown> = {}, seconds: number = n) =>
  event(n, 'score-create', { id: 's', traceId: 't', name: 'tone', value: 1, ...body }, seconds);

/** What there is to say about a run beside its names and figures. */
function found(events: SentEvent[], checkpoints: Checkpoint[], overrides: Partial<JudgeContext> = {}) {
  const result = judge(events, checkpoints, context(overrides));
  const { verdict, sentence, checkpoints: summaries, findings } = result;
  return { verdict, sentence, summaries, findings, codes: result.reasons.map(({ code }) => code) };
}

/** What every finding about the event `e<n>` of trace `t` has. */
const about = (n: number) => ({
  entity: 'trace/t',
  eventId: `e${n}`,
  type: 'trace-create',
  request: n,
  sentAt: START + n * 1000,
});

test('an acknowledged event that is there at every checkpoint is ok', () => {
  const rows = [traceRow('t', [1])];
  const result = judge([sent(trace(1))], [checkpoint('heal', rows), checkpoint('settled', rows)], context());
  expect(result).toEqual({
    version: 1,
    run: 'r',
    scenario: 'steady-state',
    seed: '1',
    verdict: 'pass',
    sentence: 'Pass: the one acknowledged event is in ClickHouse with the right content.',
    reasons: [],
    counts: { requests: 1, events: 1, entities: 1, acknowledged: 1, refused: 0, indeterminate: 0 },
    checkpoints: [summary('heal', { ok: 1 }), summary('settled', { ok: 1 })],
    expectations: [],
    findings: [],
  });
});

test('an event first seen after the budget is late, from its answer on', () => {
  const rows = [traceRow('t', [1])];
  const checkpoints = [checkpoint('settled', rows)];
  const late = (seenAfterAnswer: number) =>
    found([sent(trace(1))], checkpoints, {
      visibilityBudgetMs: 5000,
      firstSeen: new Map([[1, START + 1100 + seenAfterAnswer]]),
    }).summaries;
  expect(late(5000)).toEqual([summary('settled', { ok: 1 })]);
  expect(late(5001)).toEqual([summary('settled', { late: 1 })]);
  // Never seen before the checkpoint, so seen first at the checkpoint.
  expect(found([sent(trace(1))], checkpoints, { visibilityBudgetMs: 5000 })).toMatchObject({
    verdict: 'pass',
    summaries: [summary('settled', { late: 1 })],
  });
});

test('what was acknowledged before the traffic began is never late: it may have had to wait until the target was warm', () => {
  const rows = [traceRow('t', [1])];
  const late = (trafficStartedAt: number) =>
    found([sent(trace(1))], [checkpoint('settled', rows)], {
      visibilityBudgetMs: 5000,
      trafficStartedAt,
      firstSeen: new Map([[1, START + 60_000]]),
    }).summaries;
  expect(late(START + 1101)).toEqual([summary('settled', { ok: 1 })]);
  expect(late(START + 1100)).toEqual([summary('settled', { late: 1 })]);
});

test('an event without a mark is late only if it was not there at a checkpoint past the budget', () => {
  const plain = event(1, 'trace-create', { id: 't', metadata: 'text' });
  const row = traceRow('t', [], { timestamp: storedTime(1), metadata: { metadata: 'text' } });
  const options = { visibilityBudgetMs: 5000 };
  expect(found([sent(plain)], [checkpoint('settled', [row])], options).summaries).toEqual([
    summary('settled', { ok: 1 }),
  ]);
  expect(
    found(
      [sent(plain)],
      [checkpoint('heal', [], { s3: { 'trace/t': ['e1'] } }), checkpoint('settled', [row])],
      options,
    ).summaries,
  ).toEqual([summary('heal', { lost: 1 }, { 's3-only': 1 }), summary('settled', { late: 1 })]);
});

test('an event that comes with the retry is recovered by it, one that comes with the replay by that', () => {
  const both = [traceRow('t', [1]), traceRow('u', [2])];
  const u = event(2, 'trace-create', { id: 'u' });
  const s3 = { 'trace/t': ['e1'], 'trace/u': ['e2'] } as const;
  const result = found(
    [sent(trace(1)), sent(u)],
    [
      checkpoint('settled', [], { s3, jobs: [{ entity: 'trace/t', state: 'failed' }], failedSet: 1 }),
      checkpoint('after-retry', both.slice(0, 1), { s3 }),
      checkpoint('after-replay', both),
    ],
  );
  expect(result).toEqual({
    verdict: 'pass',
    sentence:
      'Pass: all 2 acknowledged events are in ClickHouse with the right content: 1 only after the failed jobs were retried and 1 only after the replay from S3.',
    codes: [],
    summaries: [
      summary('settled', { lost: 2 }, { 'failed-set': 1, 's3-only': 1 }, { failedSet: 1 }),
      summary('after-retry', { 'recovered-by-retry': 1, lost: 1 }, { 's3-only': 1 }),
      summary('after-replay', { 'recovered-by-retry': 1, 'recovered-by-replay': 1 }),
    ],
    findings: [
      { outcome: 'recovered-by-retry', ...about(1), stages: { settled: 'failed-set' } },
      {
        outcome: 'recovered-by-replay',
        ...about(2),
        entity: 'trace/u',
        stages: { settled: 's3-only', 'after-retry': 's3-only' },
      },
    ],
  });
});

test('an event that is sent between two checkpoints has no outcome before, and needs no recovery to be there', () => {
  const later = sent(trace(1), 'acknowledged', { sentAt: START + 150_000, answeredAt: START + 150_100 });
  const u = sent(event(2, 'trace-create', { id: 'u' }));
  const row = traceRow('u', [2]);
  const result = found(
    [later, u],
    [checkpoint('settled', [row]), checkpoint('after-retry', [row, traceRow('t', [1])])],
  );
  expect(result).toMatchObject({
    verdict: 'pass',
    findings: [],
    summaries: [summary('settled', { ok: 1 }), summary('after-retry', { ok: 2 })],
  });
});

test('an event that is missing only at the first checkpoint is not worth a line', () => {
  const result = found(
    [sent(trace(1))],
    [
      checkpoint('heal', [], { s3: { 'trace/t': ['e1'] }, jobs: [{ entity: 'trace/t', state: 'delayed' }] }),
      checkpoint('settled', [traceRow('t', [1])]),
    ],
  );
  expect(result).toMatchObject({
    verdict: 'pass',
    findings: [],
    summaries: [summary('heal', { lost: 1 }, { queued: 1 }), summary('settled', { ok: 1 })],
  });
});

test.each([
  ['not-in-s3', {}, 1],
  ['s3-only', { s3: { 'trace/t': ['e1'] } }, 1],
  ['queued', { s3: { 'trace/t': ['e1'] }, jobs: [{ entity: 'trace/t', state: 'waiting' }] }, 0],
  ['queued', { s3: { 'trace/t': ['e1'] }, jobs: [{ entity: 'trace/t', state: 'active' }] }, 0],
  ['failed-set', { s3: { 'trace/t': ['e1'] }, jobs: [{ entity: 'trace/t', state: 'failed' }] }, 0],
  // A job without its raw event brings nothing back, nor does another entity's job, nor another event of the same entity.
  ['not-in-s3', { jobs: [{ entity: 'trace/t', state: 'failed' }] }, 1],
  ['s3-only', { s3: { 'trace/t': ['e1'] }, jobs: [{ entity: 'trace/u', state: 'failed' }] }, 1],
  ['not-in-s3', { s3: { 'trace/t': ['e9'] } }, 1],
  ['clickhouse-hidden', { rows: [traceRow('t', [1], { is_deleted: 1 })] }, 1],
] as const)('a lost event whose last copy is %s', (stage, sources, blindLoss) => {
  const result = found([sent(trace(1))], [checkpoint('settled', [], sources)]);
  expect(result).toMatchObject({
    verdict: 'fail',
    codes: ['lost'],
    summaries: [summary('settled', { lost: 1 }, { [stage]: 1 }, { blindLoss })],
    findings: [{ outcome: 'lost', ...about(1), stages: { settled: stage } }],
  });
});

test('the sentence says how many are lost and where they are', () => {
  const many = Array.from({ length: 1200 }, (_, n) => sent(event(n, 'trace-create', { id: `t${n}` })));
  const rows = many.slice(12).map((_, n) => traceRow(`t${n + 12}`, [n + 12]));
  const s3 = Object.fromEntries(many.map(({ event: { id } }, n) => [`trace/t${n}`, [id]]));
  const jobs = [{ entity: 'trace/t3', state: 'failed' }] as const;
  expect(found(many, [checkpoint('settled', rows, { s3 })]).sentence).toBe(
    'Fail: 12 of 1,200 acknowledged events are lost: no job is left for them, yet no row arrived; only S3 still holds them.',
  );
  expect(found(many, [checkpoint('settled', rows, { s3, jobs })]).sentence).toBe(
    'Fail: 12 of 1,200 acknowledged events are lost; missing are 11 in S3 only and 1 in the failed set.',
  );
});

test('an acknowledged event whose mark is not in the row is lost though its entity has a row', () => {
  const result = found(
    [sent(trace(1)), sent(trace(2, { name: 'second' }))],
    [checkpoint('settled', [traceRow('t', [1])], { s3: { 'trace/t': ['e1', 'e2'] } })],
  );
  expect(result).toMatchObject({
    verdict: 'fail',
    summaries: [summary('settled', { ok: 1, lost: 1 }, { 's3-only': 1 })],
    findings: [
      {
        outcome: 'lost',
        ...about(2),
        stages: { settled: 's3-only' },
        note: 'The entity has a row, but this event is not in it.',
      },
    ],
  });
});

test('an event that was there at one checkpoint and is gone at a later one has vanished', () => {
  const result = found(
    [sent(trace(1))],
    [checkpoint('heal', [traceRow('t', [1])]), checkpoint('settled', [], { s3: { 'trace/t': ['e1'] } })],
  );
  expect(result).toEqual({
    verdict: 'fail',
    sentence: 'Fail: 1 event had been seen and was gone at a later checkpoint.',
    codes: ['vanished'],
    summaries: [summary('heal', { ok: 1 }), summary('settled', { vanished: 1 }, { 's3-only': 1 })],
    findings: [
      {
        outcome: 'vanished',
        ...about(1),
        stages: { settled: 's3-only' },
        note: 'Seen at heal, gone at settled.',
      },
    ],
  });
});

test('an event that was seen and is gone at rest has vanished, even if it comes back later', () => {
  const result = found(
    [sent(trace(1))],
    [
      checkpoint('heal', [], { s3: { 'trace/t': ['e1'] } }),
      checkpoint('settled', [], { s3: { 'trace/t': ['e1'] } }),
      checkpoint('after-retry', [traceRow('t', [1])]),
    ],
    { firstSeen: new Map([[1, START + 2000]]), recovery: ['retry failed jobs'] },
  );
  expect(result).toMatchObject({
    verdict: 'fail',
    summaries: [
      summary('heal', { vanished: 1 }, { 's3-only': 1 }),
      summary('settled', { vanished: 1 }, { 's3-only': 1 }),
      summary('after-retry', { vanished: 1 }),
    ],
    findings: [{ outcome: 'vanished', note: 'Seen before the first checkpoint, gone at heal.' }],
  });
});

test('an event that was seen, is gone when the faults are healed and back by itself once settled, was only away', () => {
  const result = found(
    [sent(trace(1))],
    [checkpoint('heal', [], { s3: { 'trace/t': ['e1'] } }), checkpoint('settled', [traceRow('t', [1])])],
    { firstSeen: new Map([[1, START + 2000]]) },
  );
  expect(result).toMatchObject({
    verdict: 'pass',
    summaries: [summary('heal', { vanished: 1 }, { 's3-only': 1 }), summary('settled', { ok: 1 })],
    findings: [],
  });
});

test('a score that a newer one has overwritten vanishes with it, though its own mark was never seen', () => {
  const events = [sent(score(1)), sent(score(2, { value: 0.5 }))];
  const s3 = { 'score/s': ['e1', 'e2'] };
  const gone = (firstSeen: ReadonlyMap<number, number>) =>
    found(events, [checkpoint('settled', [], { s3 })], { firstSeen }).summaries;
  const newerSeen = new Map([[2, START + 3000]]);
  expect(gone(newerSeen)).toEqual([summary('settled', { vanished: 2 }, { 's3-only': 2 })]);
  // The older one says nothing of the newer.
  const olderSeen = new Map([[1, START + 3000]]);
  expect(gone(olderSeen)).toEqual([summary('settled', { vanished: 1, lost: 1 }, { 's3-only': 2 })]);

  // A row that is still there can be asked itself what it holds.
  const withObservation = [sent(score(1, { observationId: 'o' })), sent(score(2, { value: 0.5 }))];
  const withoutOlder = scoreRow('s', 2, { value: 0.5 });
  const still = found(withObservation, [checkpoint('settled', [withoutOlder], { s3 })], {
    firstSeen: newerSeen,
  });
  expect(still.summaries[0]?.outcomes).toMatchObject({ lost: 1, vanished: 0 });
});

test('a row with other content than its events allow is altered, and every difference is shown', () => {
  const stored = traceRow('t', [1], { name: 'other', public: true, metadata: { chaos_1: 'e1', extra: 'x' } });
  const result = found([sent(trace(1, { name: 'mine' }))], [checkpoint('settled', [stored])]);
  expect(result).toEqual({
    verdict: 'fail',
    sentence: 'Fail: 1 event landed with other content than was sent.',
    codes: ['altered'],
    summaries: [summary('settled', { altered: 1 })],
    findings: [
      {
        outcome: 'altered',
        ...about(1),
        stages: {},
        differences: [
          { field: 'name', stored: '"other"', allowed: ['"mine"'] },
          { field: 'public', stored: 'true', allowed: ['false'] },
          { field: 'metadata.extra', stored: '"x"', allowed: ['absent'] },
        ],
      },
    ],
  });
});

test('content that is put right by the replay is recovered by it, and not forgotten', () => {
  const result = found(
    [sent(trace(1, { name: 'mine' }))],
    [
      checkpoint('settled', [traceRow('t', [1], { name: 'other' })]),
      checkpoint('after-replay', [traceRow('t', [1], { name: 'mine' })]),
    ],
  );
  expect(result).toMatchObject({
    verdict: 'pass',
    summaries: [summary('settled', { altered: 1 }), summary('after-replay', { 'recovered-by-replay': 1 })],
    findings: [
      {
        outcome: 'recovered-by-replay',
        note: 'Its content was not right at settled.',
        differences: [{ field: 'name' }],
      },
    ],
  });
});

test('two live rows of one entity are a duplicate, judged by the newer', () => {
  const older = traceRow('t', [1], { timestamp: '2025-12-31 23:59:59.000', event_ts: storedTime(1) });
  const newer = traceRow('t', [1], { event_ts: storedTime(2) });
  for (const rows of [
    [older, newer],
    [newer, older],
  ]) {
    expect(found([sent(trace(1))], [checkpoint('settled', rows)])).toEqual({
      verdict: 'fail',
      sentence: 'Fail: 1 entity has more than one live row.',
      codes: ['duplicated'],
      summaries: [summary('settled', { ok: 1, duplicated: 1 })],
      findings: [
        {
          outcome: 'duplicated',
          entity: 'trace/t',
          stages: {},
          note: '2 live rows: 2025-12-31 and 2026-01-01.',
        },
      ],
    });
  }
  // One of the two is hidden: that is none.
  expect(found([sent(trace(1))], [checkpoint('settled', [{ ...older, is_deleted: 1 }, newer])]).verdict).toBe(
    'pass',
  );
});

test('a refused event that landed has leaked, even if it is gone later', () => {
  const refused = sent(trace(1), 'refused');
  const ok = sent(event(2, 'trace-create', { id: 'u' }));
  const u = traceRow('u', [2]);
  const result = found(
    [refused, ok],
    [checkpoint('heal', [traceRow('t', [1]), u]), checkpoint('settled', [u])],
  );
  expect(result).toEqual({
    verdict: 'fail',
    sentence: 'Fail: 1 event was refused and landed all the same.',
    codes: ['leaked'],
    summaries: [summary('heal', { leaked: 1, ok: 1 }), summary('settled', { leaked: 1, ok: 1 })],
    findings: [{ outcome: 'leaked', ...about(1), stages: {} }],
  });
  expect(found([refused, ok], [checkpoint('settled', [u])])).toMatchObject({
    verdict: 'pass',
    summaries: [summary('settled', { refused: 1, ok: 1 })],
  });
});

test('a refused event without a mark has leaked if the row can’t be explained without it', () => {
  const plain = event(2, 'trace-create', { id: 't', metadata: 'text', name: 'secret' });
  const events = [sent(trace(1)), sent(plain, 'refused')];
  const leaked = traceRow('t', [1], { name: 'secret', metadata: { chaos_1: 'e1', metadata: 'text' } });
  expect(found(events, [checkpoint('settled', [leaked])]).summaries).toEqual([
    summary('settled', { ok: 1, leaked: 1 }),
  ]);
  expect(found(events, [checkpoint('settled', [traceRow('t', [1])])]).summaries).toEqual([
    summary('settled', { ok: 1, refused: 1 }),
  ]);
});

test('a row that nobody sent is unexpected, even if it is gone later', () => {
  const mine = traceRow('t', [1]);
  const result = found(
    [sent(trace(1))],
    [checkpoint('heal', [mine, traceRow('stranger', [])]), checkpoint('settled', [mine])],
  );
  expect(result).toEqual({
    verdict: 'fail',
    sentence: 'Fail: 1 entity landed that this run never sent.',
    codes: ['unexpected'],
    summaries: [summary('heal', { ok: 1, unexpected: 1 }), summary('settled', { ok: 1, unexpected: 1 })],
    findings: [
      {
        outcome: 'unexpected',
        entity: 'trace/stranger',
        stages: {},
        note: 'No event of this run names this entity.',
      },
    ],
  });
});

test('rows of other projects are none of the run’s business, unless the run sent their ids', () => {
  const elsewhere = { project_id: 'q' };
  const stranger = traceRow('stranger', [9], elsewhere);
  expect(found([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1]), stranger])]).verdict).toBe(
    'pass',
  );
  expect(found([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1], elsewhere)])])).toMatchObject({
    verdict: 'fail',
    codes: ['lost', 'unexpected'],
    summaries: [summary('settled', { lost: 1, unexpected: 1 }, { 'clickhouse-hidden': 1 })],
    findings: [
      { outcome: 'lost', stages: { settled: 'clickhouse-hidden' } },
      { outcome: 'unexpected', entity: 'trace/t', note: 'A row is in project q.' },
    ],
  });
  expect(
    found([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1]), traceRow('t', [1], elsewhere)])])
      .summaries,
  ).toEqual([summary('settled', { ok: 1, unexpected: 1 })]);
});

test('a row without a mark of what was sent holds none of it', () => {
  const result = found([sent(trace(1), 'indeterminate')], [checkpoint('settled', [traceRow('t', [])])]);
  expect(result).toMatchObject({
    verdict: 'fail',
    codes: ['unexpected', 'nothing-happened'],
    summaries: [summary('settled', { 'indeterminate-not-landed': 1, unexpected: 1 })],
    findings: [
      { outcome: 'unexpected', note: 'The row holds none of the events that were sent for this entity.' },
    ],
  });
});

test('an event without a clear answer may land or not, but not come and go', () => {
  const ok = sent(event(2, 'trace-create', { id: 'u' }));
  const u = traceRow('u', [2]);
  const open = sent(trace(1), 'indeterminate');
  const t = traceRow('t', [1]);
  expect(found([open, ok], [checkpoint('settled', [t, u])])).toMatchObject({
    verdict: 'pass',
    summaries: [summary('settled', { 'indeterminate-landed': 1, ok: 1 })],
  });
  expect(found([open, ok], [checkpoint('settled', [u])])).toMatchObject({
    verdict: 'pass',
    findings: [],
    summaries: [summary('settled', { 'indeterminate-not-landed': 1, ok: 1 })],
  });
  expect(found([open, ok], [checkpoint('heal', [t, u]), checkpoint('settled', [u])])).toMatchObject({
    verdict: 'fail',
    summaries: [
      summary('heal', { 'indeterminate-landed': 1, ok: 1 }),
      summary('settled', { vanished: 1, ok: 1 }),
    ],
    findings: [{ outcome: 'vanished', stages: { settled: 'not-in-s3' } }],
  });
  expect(found([open, ok], [checkpoint('settled', [{ ...t, name: 'other' }, u])]).summaries).toEqual([
    summary('settled', { altered: 1, ok: 1 }),
  ]);
});

test('what is never stored is absent by design', () => {
  const log = event(1, 'sdk-log', { log: 'x' });
  const withoutId = event(2, 'trace-create', { name: 'x' });
  const ok = sent(event(3, 'trace-create', { id: 'u' }));
  const result = judge(
    [sent(log), sent(withoutId), sent(event(4, 'sdk-log', {}), 'refused'), ok],
    [checkpoint('settled', [traceRow('u', [3])])],
    context(),
  );
  expect(result.verdict).toBe('pass');
  expect(result.counts).toEqual({
    requests: 4,
    events: 4,
    entities: 1,
    acknowledged: 3,
    refused: 1,
    indeterminate: 0,
  });
  expect(result.checkpoints).toEqual([summary('settled', { 'absent-by-design': 2, refused: 1, ok: 1 })]);
});

test('an event that was sent twice is one event, acknowledged if any request was', () => {
  const first = sent(trace(1), 'indeterminate', { request: 1 });
  const again = sent(trace(1), 'acknowledged', { request: 2 });
  const result = judge([again, first], [checkpoint('settled', [])], context());
  expect(result.counts).toMatchObject({ requests: 2, events: 1, entities: 1, acknowledged: 1 });
  expect(result.findings).toMatchObject([{ outcome: 'lost', request: 1 }]);
  const refused = judge([first, { ...again, answer: 'refused' }], [], context());
  expect(refused.counts).toMatchObject({ events: 1, indeterminate: 1 });
});

test('different events under one id can’t be told apart for certain', () => {
  const result = found(
    [sent(trace(1)), sent(trace(1, { name: 'x' }), 'acknowledged', { request: 2 })],
    [checkpoint('settled', [traceRow('t', [1], { name: 'x' })])],
  );
  expect(result).toMatchObject({ verdict: 'unknown', codes: ['event-id-reused'] });
});

test('a score that a newer one of its entity has overwritten counts as landed', () => {
  const events = [sent(score(1)), sent(score(2, { value: 0.5 }))];
  const row = scoreRow('s', 2, { timestamp: storedTime(1), value: 0.5 });
  expect(found(events, [checkpoint('settled', [row])])).toMatchObject({
    verdict: 'pass',
    summaries: [summary('settled', { ok: 2 })],
  });
});

test('an older score that the row can’t hold is lost, and a newer one whose mark is not there is too', () => {
  const events = [sent(score(1, { observationId: 'o' })), sent(score(2, { value: 0.5 }))];
  const s3 = { 'score/s': ['e1', 'e2'] };
  const withoutFirst = scoreRow('s', 2, { value: 0.5 });
  expect(found(events, [checkpoint('settled', [withoutFirst], { s3 })]).summaries).toEqual([
    summary('settled', { ok: 1, lost: 1 }, { 's3-only': 1 }),
  ]);
  const withoutSecond = scoreRow('s', 1, { observation_id: 'o' });
  expect(found(events, [checkpoint('settled', [withoutSecond], { s3 })])).toMatchObject({
    summaries: [summary('settled', { ok: 1, lost: 1 }, { 's3-only': 1 })],
    findings: [{ eventId: 'e2' }],
  });
});

test('where a row lacks an acknowledged score or holds a refused one, the acknowledged one is taken to be there', () => {
  const overlapping = { answeredAt: START + 9000 };
  const events = [
    sent(score(1, { observationId: 'o' }), 'acknowledged', overlapping),
    sent(score(2, { observationId: null }), 'refused', overlapping),
    sent(score(3), 'acknowledged', overlapping),
  ];
  const row = scoreRow('s', 3);
  expect(found(events, [checkpoint('settled', [row])]).summaries).toEqual([
    summary('settled', { ok: 2, leaked: 1 }),
  ]);
});

test('a score of its own endpoint has a time between request and answer, and some id in S3', () => {
  const body = score(1).body;
  const envelope = { id: 's', timestamp: timeText(1), type: 'score-create', body } as const;
  const post = sent(envelope, 'acknowledged', {
    request: 1,
    envelopeByTarget: true,
    answeredAt: START + 1500,
  });
  const at = (seconds: number) =>
    found([post], [checkpoint('settled', [scoreRow('s', 1, { timestamp: storedTime(seconds) })])]);
  expect(at(1.2).verdict).toBe('pass');
  expect(at(61.6).summaries).toEqual([summary('settled', { altered: 1 })]);
  expect(at(-60).summaries).toEqual([summary('settled', { altered: 1 })]);
  const missing = (id: string) =>
    found([post], [checkpoint('settled', [], { s3: { 'score/s': [id] } })]).summaries[0]?.missing['s3-only'];
  expect(missing('made by the target')).toBe(1);
});

test('an event whose presence no mark tells is there if the row holds what it says', () => {
  const plain = event(2, 'trace-create', { id: 't', metadata: ['x'], name: 'named' });
  const events = [sent(trace(1)), sent(plain)];
  const whole = traceRow('t', [1], { name: 'named', metadata: { chaos_1: 'e1', metadata: '["x"]' } });
  expect(found(events, [checkpoint('settled', [whole])]).summaries).toEqual([summary('settled', { ok: 2 })]);
  const s3 = { 'trace/t': ['e1', 'e2'] };
  expect(found(events, [checkpoint('settled', [traceRow('t', [1])], { s3 })]).summaries).toEqual([
    summary('settled', { ok: 1, lost: 1 }, { 's3-only': 1 }),
  ]);
});

test('which event was processed first is open between requests, but not beyond', () => {
  const create = trace(1, { timestamp: timeText(1), name: 'a' });
  const update = trace(2, {}, 5);
  const rowAt = (seconds: number) => [
    checkpoint('settled', [traceRow('t', [1, 2], { name: 'a', timestamp: storedTime(seconds) })]),
  ];
  // In flight at the same time.
  const open = [sent(create), sent(update, 'acknowledged', { sentAt: START + 1050 })];
  expect(found(open, rowAt(1)).verdict).toBe('pass');
  expect(found(open, rowAt(5)).verdict).toBe('pass');
  expect(found(open, rowAt(3)).verdict).toBe('fail');
  // The create was acknowledged before the update was sent, or both came in one request: it was there first.
  expect(found([sent(create), sent(update)], rowAt(5)).verdict).toBe('fail');
  expect(
    found([sent(create), sent(update, 'acknowledged', { request: 1, index: 1 })], rowAt(5)).verdict,
  ).toBe('fail');
});

test('events of one time may be merged in either order, but all fields in the same', () => {
  const events = [
    sent(trace(1, { name: 'a', userId: 'a' }, 1)),
    sent(trace(2, { name: 'b', userId: 'b' }, 1)),
  ];
  const verdict = (name: string, user_id: string) =>
    found(events, [checkpoint('settled', [traceRow('t', [1, 2], { name, user_id })])]).verdict;
  expect(verdict('a', 'a')).toBe('pass');
  expect(verdict('b', 'b')).toBe('pass');
  expect(verdict('a', 'b')).toBe('fail');
});

test('content with too many explanations to try is neither right nor wrong', () => {
  const plain = Array.from({ length: 13 }, (_, n) =>
    sent(event(n, 'trace-create', { id: 't', metadata: `text ${n}`, name: `name ${n}` })),
  );
  const row = traceRow('t', [], { name: 'name 11', metadata: { metadata: 'text 11' } });
  expect(found(plain, [checkpoint('settled', [row])])).toMatchObject({
    verdict: 'unknown',
    codes: ['content-unclear'],
  });
});

test('nothing acknowledged is unknown', () => {
  expect(found([], [checkpoint('settled', [])])).toMatchObject({
    verdict: 'unknown',
    sentence:
      'Unknown: No event that is meant to be stored was acknowledged, so nothing was put to the test.',
    codes: ['nothing-happened'],
  });
});

test('nothing acknowledged but what is never stored is unknown too', () => {
  const log = sent(event(1, 'sdk-log', { log: 'x' }));
  expect(found([log], [checkpoint('settled', [])])).toMatchObject({ codes: ['nothing-happened'] });
});

const fault = { fault: 'refused', on: 'worker→clickhouse', injectedAt: 1 };

test.each([
  ['a doubt', { doubts: [{ code: 'not-settled', text: 'Not settled.' }] }, 'not-settled'],
  ['a fault that was not felt', { faults: [{ ...fault, healedAt: 3 }] }, 'fault-not-felt'],
  ['a fault that was not healed', { faults: [{ ...fault, feltAt: 2 }] }, 'not-healed'],
  ['a recovery step without its checkpoint', { recovery: ['replay from S3'] }, 'checkpoint-missing'],
] as const)('%s makes a run unknown, and never hides a failure', (_, overrides, code) => {
  const settled = (rows = [traceRow('t', [1])]) => [checkpoint('settled', rows)];
  expect(found([sent(trace(1))], settled(), overrides)).toMatchObject({ verdict: 'unknown', codes: [code] });
  // What landed with wrong content is wrong whatever else is not known.
  const altered = settled([{ ...traceRow('t', [1]), name: 'another' }]);
  expect(found([sent(trace(1))], altered, overrides)).toMatchObject({
    verdict: 'fail',
    codes: ['altered', code],
  });
});

test('what is absent before the target has come to rest, or before the last recovery step, is not proven lost', () => {
  const nothing = [checkpoint('settled', [])];
  expect(found([sent(trace(1))], nothing)).toMatchObject({ verdict: 'fail', codes: ['lost'] });
  const doubts = [{ code: 'not-settled', text: 'A job was still delayed.' }];
  expect(found([sent(trace(1))], nothing, { doubts })).toMatchObject({
    verdict: 'unknown',
    codes: ['absent', 'not-settled'],
  });
  expect(found([sent(trace(1))], nothing, { recovery: ['replay from S3'] })).toMatchObject({
    verdict: 'unknown',
    codes: ['absent', 'checkpoint-missing'],
  });
  const must = { kind: 'must', text: 'none', at: 'settled' } as const;
  for (const expectation of [
    { ...must, about: 'missing', atMost: 0 },
    { ...must, about: 'outcome', outcome: 'lost', atMost: 0 },
    { ...must, about: 'outcome', outcome: 'ok', atLeast: 1 },
  ] as const) {
    const expectations = [expectation];
    expect(found([sent(trace(1))], nothing, { doubts, expectations }).verdict).toBe('unknown');
    expect(found([sent(trace(1))], nothing, { expectations }).codes).toEqual(['lost', 'expectation']);
  }
});

test('what has vanished or was altered stays so, whether or not the target has come to rest', () => {
  const doubts = [{ code: 'not-settled', text: 'A job was still delayed.' }];
  const gone = [checkpoint('heal', [traceRow('t', [1])]), checkpoint('settled', [])];
  const vanished = { kind: 'must', text: 'x', about: 'outcome', outcome: 'vanished' } as const;
  const expectations = [{ ...vanished, at: 'settled', atMost: 0 }] as const;
  expect(found([sent(trace(1))], gone, { doubts, expectations }).codes).toEqual([
    'vanished',
    'expectation',
    'not-settled',
  ]);
});

test('where a probe’s events are is not proven before the target has come to rest, nor where nobody looked', () => {
  const there = [checkpoint('settled', [traceRow('t', [1])])];
  const probe = { label: 'x', endpoint: 'POST /a', at: 0, status: 207, body: '', tookMs: 1 };
  const inS3: ProbeRecord = { ...probe, persisted: { settled: 'S3', last: 'S3' } };
  const landed = { kind: 'must', text: 'lands', about: 'probe', label: 'x', endpoint: 'POST /a' } as const;
  const expectations = [{ ...landed, persisted: 'ClickHouse' }] as const;
  const codes = (overrides: Partial<JudgeContext>) =>
    found([sent(trace(1))], there, { expectations, ...overrides }).codes;
  const doubts = [{ code: 'not-settled', text: 'A job was still delayed.' }];
  expect(codes({ probes: [inS3] })).toEqual(['expectation']);
  expect(codes({ probes: [inS3], doubts })).toEqual(['expectation-not-checked', 'not-settled']);
  expect(codes({ probes: [probe] })).toEqual(['expectation-not-checked']);
  // The answer is wrong whatever became of the events.
  const answered = [{ ...landed, status: 500, persisted: 'ClickHouse' }] as const;
  expect(codes({ probes: [probe], expectations: answered })).toEqual(['expectation']);
});

test('a run whose last checkpoint is missing is unknown', () => {
  const rows = [traceRow('t', [1])];
  expect(found([sent(trace(1))], [checkpoint('heal', rows)]).codes).toEqual(['checkpoint-missing']);
  expect(found([sent(trace(1))], [])).toMatchObject({ verdict: 'unknown', codes: ['checkpoint-missing'] });
});

test('a fault that was felt and healed speaks for nothing', () => {
  const lived = { ...fault, feltAt: 2, healedAt: 3 };
  expect(
    found([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1])])], { faults: [lived] }).verdict,
  ).toBe('pass');
});

test('expectations: a missed must fails, a missed show does not, what was not looked at is unknown', () => {
  const expectations = [
    { kind: 'must', text: 'none missing', about: 'missing', at: 'settled', atMost: 0 },
    { kind: 'shows', text: 'blind loss', about: 'blind-loss', at: 'settled', atLeast: 2 },
    { kind: 'must', text: 'no failed jobs', about: 'failed-set', at: 'settled', atMost: 2 },
    { kind: 'must', text: 'two ok', about: 'outcome', outcome: 'ok', at: 'settled', atLeast: 2, atMost: 2 },
    { kind: 'must', text: 'read', about: 'probe', label: 'x', endpoint: 'GET /', status: 200 },
    { kind: 'must', text: 'after the replay', about: 'missing', at: 'after-replay', atMost: 0 },
    { kind: 'must', text: 'not probed', about: 'probe', label: 'y', endpoint: 'GET /', status: 200 },
  ] as const;
  const probe = { label: 'x', endpoint: 'GET /', at: 1, body: '', tookMs: 1 };
  const probes = [{ ...probe, status: 200 }, probe];
  const result = judge(
    [sent(trace(1)), sent(event(2, 'trace-create', { id: 'u' }))],
    [checkpoint('settled', [traceRow('t', [1])], { failedSet: 2, s3: { 'trace/u': ['e2'] } })],
    context({ expectations, probes }),
  );
  expect(result.expectations).toEqual([
    { kind: 'must', text: 'none missing', held: false, seen: 'missing 1 instead of at most 0' },
    { kind: 'shows', text: 'blind loss', held: false, seen: 'blind loss 1 instead of at least 2' },
    { kind: 'must', text: 'no failed jobs', held: true, seen: 'failed jobs 2' },
    { kind: 'must', text: 'two ok', held: false, seen: 'ok 1 instead of exactly 2' },
    { kind: 'must', text: 'read', held: false, seen: '200, no answer' },
    {
      kind: 'must',
      text: 'after the replay',
      held: false,
      seen: 'nothing, as there is no checkpoint “after-replay”',
    },
    { kind: 'must', text: 'not probed', held: false, seen: 'nothing, as there is no probe “y” of GET /' },
  ]);
  expect(result.reasons.map(({ code, verdict }) => `${verdict} ${code}`)).toEqual([
    'fail lost',
    'fail expectation',
    'fail expectation',
    'fail expectation',
    'unknown expectation-not-checked',
    'unknown expectation-not-checked',
  ]);
});

test('an expectation about a step of the guide looks at each time it was carried out', () => {
  const step = 'guide: count the failed jobs';
  const record = { step, at: 1, asWritten: 'LLEN', right: 'ZCARD' };
  const about = { kind: 'shows', about: 'guide', step } as const;
  const { expectations } = judge([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1])])], {
    ...context({
      expectations: [
        { ...about, text: 'refused', did: 'WRONGTYPE' },
        { ...about, text: 'counted', did: 'answered 3' },
        { ...about, text: 'not done', step: 'guide: retry all at once', did: 'x' },
      ],
    }),
    runbook: [
      { ...record, did: 'answered 0' },
      { ...record, did: 'failed with WRONGTYPE' },
    ],
  });
  const seen = 'answered 0 | failed with WRONGTYPE';
  expect(expectations).toEqual([
    { kind: 'shows', text: 'refused', held: true, seen },
    { kind: 'shows', text: 'counted', held: false, seen },
    {
      kind: 'shows',
      text: 'not done',
      held: false,
      seen: 'nothing, as there is no step “guide: retry all at once”',
    },
  ]);
});

test('what a step of the guide brought back is counted over all its times, where there was a failed job to bring back', () => {
  const step = 'guide: retry all at once';
  const record = { step, at: 1, asWritten: 'x', right: 'y', did: 'z' };
  const check = (runbook: JudgeContext['runbook'] = [], did?: string) =>
    judge([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1])])], {
      ...context({
        expectations: [
          { kind: 'shows', text: 'none', about: 'guide', step, broughtBack: 0, ...(did ? { did } : {}) },
        ],
      }),
      runbook,
    }).expectations[0];
  const jobs = (tried: number, broughtBack: number) => ({ ...record, jobs: { tried, broughtBack } });
  expect(check([jobs(3, 0), jobs(2, 0)])).toMatchObject({
    held: true,
    seen: 'z | z; 0 of 5 jobs brought back',
  });
  expect(check([jobs(3, 0), jobs(2, 1)])).toMatchObject({
    held: false,
    seen: 'z | z; 1 of 5 jobs brought back',
  });
  expect(check([jobs(3, 0)], 'something else')).toMatchObject({ held: false });
  expect(check([jobs(0, 0)])).toMatchObject({
    held: false,
    seen: 'nothing, as there is no failed job to bring back',
  });
});

test('with a recovery step in the timeline nobody can say that events came by themselves', () => {
  const events = [sent(trace(1)), sent(event(2, 'trace-create', { id: 'u' }))];
  const rows = [traceRow('t', [1])];
  const checkpoints = [checkpoint('settled', rows), checkpoint('after-retry', [...rows, traceRow('u', [2])])];
  const sentence = (recoveredInTraffic: boolean) =>
    found(events, checkpoints, { recovery: ['retry failed jobs'], recoveredInTraffic }).sentence;
  expect(sentence(false)).toContain(': 1 came by themselves and 1 only after the failed jobs were retried.');
  expect(sentence(true)).toContain(
    ': 1 came by themselves or by the recovery in the timeline and 1 only after the failed jobs were retried.',
  );
});

test('a missed must fails a run in which nothing is wrong with the events', () => {
  const expectations = [
    { kind: 'must', text: 'the failed set fills', about: 'failed-set', at: 'settled', atLeast: 1 },
  ] as const;
  expect(
    found([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1])])], { expectations }),
  ).toMatchObject({
    verdict: 'fail',
    sentence: 'Fail: expected: the failed set fills; seen: failed jobs 0 instead of at least 1.',
  });
});

test('checkpoints are judged in their order, however they are given', () => {
  const checkpoints = [checkpoint('after-retry', [traceRow('t', [1])]), checkpoint('settled', [])];
  expect(found([sent(trace(1))], checkpoints).summaries.map(({ name }) => name)).toEqual([
    'settled',
    'after-retry',
  ]);
  expect(() => judge([], [checkpoint('heal', []), checkpoint('heal', [])], context())).toThrow(RangeError);
  expect(() => createJudge(checkpoints, context())).toThrow(RangeError);
});

test('a run that is judged in parts gets the same verdict', () => {
  const events = Array.from({ length: 30 }, (_, n) => sent(event(n, 'trace-create', { id: `t${n}` })));
  const rows = events.slice(5).map((_, n) => traceRow(`t${n + 5}`, [n + 5]));
  const settled = checkpoint('settled', rows);
  const parts = createJudge([settled], context());
  for (const part of [0, 1, 2]) {
    parts.add({
      events: events.filter((each) => partOf(String(each.event.body.id), 3) === part),
      rows: [rows.filter((row) => partOf(row.id, 3) === part)],
    });
  }
  expect(parts.verdict()).toEqual(judge(events, [settled], context()));
});

test('parts are even', () => {
  const sizes = [0, 0, 0, 0];
  for (let n = 0; n < 4000; n += 1) {
    const part = partOf(`run-${n.toString(36)}`, 4);
    sizes[part] = (sizes[part] ?? 0) + 1;
  }
  for (const size of sizes) expect(size).toBeGreaterThan(800);
});

test('more findings than a verdict lists are counted, and the worst are listed', () => {
  const many = Array.from({ length: 20_010 }, (_, n) => sent(event(n, 'trace-create', { id: `t${n}` })));
  const stranger = traceRow('stranger', []);
  const result = judge(many, [checkpoint('settled', [stranger])], context());
  expect(result.findings).toHaveLength(10_000);
  expect(result.findingsLeftOut).toBe(10_011);
  expect(result.findings[0]).toMatchObject({ outcome: 'lost', eventId: 'e0' });
  expect(result.checkpoints[0]?.outcomes.lost).toBe(20_010);
});

test('rows of the run’s own project only count as live when they are not deleted', () => {
  const deleted = traceRow('stranger', [], { is_deleted: 1, project_id: PROJECT });
  expect(found([sent(trace(1))], [checkpoint('settled', [traceRow('t', [1]), deleted])]).verdict).toBe(
    'pass',
  );
});
