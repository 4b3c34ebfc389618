import { expect, test } from 'vitest';
import type { AnsweredRecord, HistoryRecord } from '../history/records.ts';
import { type Doubt, sentEvents } from './sent-events.ts';

const trace = (id: string) => ({
  id,
  timestamp: '2026-01-01T00:00:00.000Z',
  type: 'trace-create',
  body: { id: 't' },
});
const request = (number: number, ...batch: unknown[]): HistoryRecord => ({
  kind: 'sent',
  request: number,
  at: 10,
  path: '/api/public/ingestion',
  body: { batch },
});
const answer = (number: number, rest: Partial<AnsweredRecord>): HistoryRecord => ({
  kind: 'answered',
  request: number,
  at: 20,
  ...rest,
});

function read(...records: HistoryRecord[]) {
  const doubts: Doubt[] = [];
  const events = [...sentEvents(records, (doubt) => doubts.push(doubt))];
  return { events, answers: events.map(({ event, answer }) => `${event.id} ${answer}`), doubts };
}

test('an event of a 207 that acknowledged all is acknowledged, with its place and times', () => {
  const { events, doubts } = read(
    request(3, trace('a'), trace('b')),
    answer(3, { status: 207, allAcknowledged: true }),
  );
  expect(events[1]).toEqual({
    event: trace('b'),
    request: 3,
    index: 1,
    answer: 'acknowledged',
    sentAt: 10,
    answeredAt: 20,
  });
  expect(doubts).toEqual([]);
});

test('inside a 207 a 201 acknowledges, a 4xx refuses, a 5xx leaves it open', () => {
  const body = {
    successes: [{ id: 'a', status: 201 }],
    errors: [
      { id: 'b', status: 400, message: 'Invalid request data' },
      { id: 'c', status: 500 },
    ],
  };
  const { answers, doubts } = read(
    request(0, trace('a'), trace('b'), trace('c')),
    answer(0, { status: 207, body }),
  );
  expect(answers).toEqual(['a acknowledged', 'b refused', 'c indeterminate']);
  expect(doubts).toEqual([]);
});

test('an event in neither list of a 207 is left open, with a doubt; an sdk-log never is in one', () => {
  const log = { ...trace('log'), type: 'sdk-log' };
  const { answers, doubts } = read(
    request(0, trace('a'), trace('b'), log),
    answer(0, { status: 207, body: { successes: [{ id: 'a', status: 201 }], errors: [] } }),
  );
  expect(answers).toEqual(['a acknowledged', 'b indeterminate', 'log acknowledged']);
  expect(doubts).toEqual([
    {
      code: 'event-not-answered',
      text: 'Events that their request’s 207 neither acknowledged nor refused: 1 (the first: id b in request 0).',
    },
  ]);
});

test('an event that is acknowledged and refused in one answer is left open, with a doubt', () => {
  const body = { successes: [{ id: 'a', status: 201 }], errors: [{ id: 'a', status: 400 }] };
  const { answers, doubts } = read(request(0, trace('a')), answer(0, { status: 207, body }));
  expect(answers).toEqual(['a indeterminate']);
  expect(doubts.map(({ code }) => code)).toEqual(['contradictory-answer']);
});

test.each([200, 302, '201', undefined])('inside a 207 only 201 acknowledges, %j does not', (status) => {
  const body = { successes: [{ id: 'a', status }], errors: [] };
  const { answers, doubts } = read(request(0, trace('a')), answer(0, { status: 207, body }));
  expect(answers).toEqual(['a indeterminate']);
  expect(doubts.map(({ code }) => code)).toEqual(['contradictory-answer']);
});

test('an answer that names an event which was not sent is doubted', () => {
  const body = {
    successes: [
      { id: 'a', status: 201 },
      { id: 'z', status: 201 },
    ],
    errors: [],
  };
  const { answers, doubts } = read(request(0, trace('a')), answer(0, { status: 207, body }));
  expect(answers).toEqual(['a acknowledged']);
  expect(doubts.map(({ code }) => code)).toEqual(['answer-to-unsent-event']);
});

test('a 207 whose body was cut off says nothing of any event', () => {
  const { answers, doubts } = read(
    request(0, trace('a')),
    answer(0, { status: 207, body: '{"successes":[{"id":' }),
  );
  expect(answers).toEqual(['a indeterminate']);
  expect(doubts.map(({ code }) => code)).toEqual(['event-not-answered']);
});

test.each([
  ['a 401', { status: 401 }, 'refused'],
  ['a 413', { status: 413 }, 'refused'],
  ['a 500', { status: 500 }, 'indeterminate'],
  ['a 504', { status: 504 }, 'indeterminate'],
  ['a time-out', { error: { code: 'TIMEOUT', message: '' } }, 'indeterminate'],
  ['a refused connection', { error: { code: 'ECONNREFUSED', message: '' } }, 'indeterminate'],
] as const)('%s holds for all events of the request', (_, answered, expected) => {
  const { answers, doubts } = read(request(0, trace('a'), trace('b')), answer(0, answered));
  expect(answers).toEqual([`a ${expected}`, `b ${expected}`]);
  expect(doubts).toEqual([]);
});

test('a status that means neither leaves all events open, with a doubt', () => {
  const { answers, doubts } = read(request(0, trace('a')), answer(0, { status: 200 }));
  expect(answers).toEqual(['a indeterminate']);
  expect(doubts.map(({ code }) => code)).toEqual(['unexpected-status']);
});

test('a request that was in flight when the harness ended is open, without an answer’s time', () => {
  const { events, doubts } = read(request(0, trace('a')));
  expect(events).toEqual([{ event: trace('a'), request: 0, index: 0, answer: 'indeterminate', sentAt: 10 }]);
  expect(doubts).toEqual([]);
});

test('a score of its own endpoint has an envelope that only the target knows', () => {
  const body = { id: 's', traceId: 't', name: 'n', value: 1 };
  const post = (number: number): HistoryRecord => ({
    kind: 'sent',
    request: number,
    at: 1000,
    path: '/api/public/scores',
    body,
  });
  const { events } = read(post(0), answer(0, { status: 200, body: { id: 's' } }));
  expect(events).toEqual([
    {
      event: { id: 's', timestamp: '1970-01-01T00:00:01.000Z', type: 'score-create', body },
      request: 0,
      index: 0,
      answer: 'acknowledged',
      envelopeByTarget: true,
      sentAt: 1000,
      answeredAt: 20,
    },
  ]);
  expect(read(post(0), answer(0, { status: 400 })).answers).toEqual(['s refused']);
  expect(read(post(0), answer(0, { status: 500 })).answers).toEqual(['s indeterminate']);
});

test('a score without an id gets it from the answer; without an answer it can’t be found', () => {
  const post: HistoryRecord = {
    kind: 'sent',
    request: 0,
    at: 1000,
    path: '/api/public/scores',
    body: { traceId: 't', name: 'n', value: 1 },
  };
  expect(read(post, answer(0, { status: 200, body: { id: 'given' } })).events[0]?.event.body.id).toBe(
    'given',
  );
  expect(read(post).doubts.map(({ code }) => code)).toEqual(['score-without-id']);
});

test('what is no event is answered under the id unknown', () => {
  const body = { successes: [], errors: [{ id: 'unknown', status: 400 }] };
  const { answers } = read(request(0, 7, { type: 'trace-create' }), answer(0, { status: 207, body }));
  expect(answers).toEqual(['unknown refused', 'unknown refused']);
});

test('spans are the events that Langfuse makes of them, all answered alike', () => {
  const span = {
    traceId: 't',
    spanId: 's',
    name: 'n',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000000000000',
  };
  const post: HistoryRecord = {
    kind: 'sent',
    request: 0,
    at: 1000,
    path: '/api/public/otel/v1/traces',
    body: { resourceSpans: [{ scopeSpans: [{ scope: { name: 'x' }, spans: [span] }] }] },
  };
  const whole = read(post, answer(0, { status: 207, allAcknowledged: true }));
  expect(whole.answers).toEqual(['t acknowledged', 's acknowledged']);
  expect(whole.events[0]).toMatchObject({ envelopeByTarget: true, event: { body: { id: '74' } } });
  expect(read(post, answer(0, { status: 200, allAcknowledged: true })).answers).toEqual(whole.answers);
  expect(read(post, answer(0, { status: 500 })).answers).toEqual(['t indeterminate', 's indeterminate']);
  expect(read(post, answer(0, { status: 400, body: {} })).answers).toEqual(['t refused', 's refused']);
  const parts = [
    { status: 207, body: { successes: [{ id: 'a', status: 201 }], errors: [{ id: 'b', status: 400 }] } },
    { status: 200, body: { partialSuccess: { rejectedSpans: '1' } } },
  ];
  for (const part of parts) {
    const { answers, doubts } = read(post, answer(0, part));
    expect(answers).toEqual(['t indeterminate', 's indeterminate']);
    expect(doubts.map(({ code }) => code)).toEqual(['spans-in-part']);
  }
});

test('requests to other endpoints and answers to nothing are doubted', () => {
  const other: HistoryRecord = {
    kind: 'sent',
    request: 0,
    at: 1,
    path: '/api/public/media',
    body: {},
  };
  expect(read(other).doubts.map(({ code }) => code)).toEqual(['unknown-endpoint']);
  const unreadable = { ...other, path: '/api/public/otel/v1/traces' };
  expect(read(unreadable).doubts.map(({ code }) => code)).toEqual(['unreadable-spans']);
  expect(read(answer(4, { status: 207 })).doubts.map(({ code }) => code)).toEqual(['answer-without-request']);
});
