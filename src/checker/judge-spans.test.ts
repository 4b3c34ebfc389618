import { expect, test } from 'vitest';
import { withSpanMarks } from '../langfuse/mark.ts';
import type { ExportedSpan } from '../langfuse/otlp.ts';
import { eventsOfExport, type SpanForm } from '../langfuse/span-events.ts';
import type { Checkpoint, SentEvent, StoredRow } from './input.ts';
import { judge } from './judge.ts';
import { checkpoint, context, PROJECT, START } from './testing/build.ts';

const span: ExportedSpan = withSpanMarks(
  {
    traceId: 'trace-1',
    spanId: 'span-1',
    name: 'n',
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: '1700000001500000000',
  },
  3,
  4,
);
const body = { resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans: [span] }] }] };

/** The span in two requests, as an exporter sends it that got no answer to the first. */
const sends = (form: SpanForm): SentEvent[] =>
  [0, 1].flatMap((request) =>
    (eventsOfExport(body, form) ?? []).map((event, index) => ({
      event: { ...event, timestamp: '' },
      request,
      index,
      answer: request === 0 ? ('indeterminate' as const) : ('acknowledged' as const),
      envelopeByTarget: true as const,
      sentAt: START + request * 1000,
      answeredAt: START + request * 1000 + 100,
    })),
  );

const row: StoredRow = {
  ...{ kind: 'observation', table: 'events_full', project_id: PROJECT, id: 'span-1', is_deleted: 0 },
  ...{ event_ts: '2026-01-01 00:00:01.000000', trace_id: 'trace-1', parent_observation_id: null },
  ...{ start_time: '2023-11-14 22:13:20.123000', end_time: '2023-11-14 22:13:21.500000' },
  ...{ completion_start_time: null, type: 'SPAN', name: 'n', environment: 'default', level: 'DEFAULT' },
  ...{
    status_message: null,
    version: null,
    release: null,
    trace_name: null,
    user_id: null,
    session_id: null,
  },
  ...{ tags: [], public: false, bookmarked: false, is_app_root: false, input: null, output: null },
  ...{ provided_model_name: null, model_parameters: '{}', provided_usage_details: {}, usage_details: {} },
  ...{ provided_cost_details: {}, cost_details: {}, prompt_name: null, prompt_version: null },
  metadata: { 'scope.name': 'langfuse-sdk', chaos_3: 'span-1', chaostrace_4: 'trace-1' },
} as StoredRow;

const outcomes = (rows: readonly StoredRow[], more: Partial<Checkpoint> = {}) => {
  const verdict = judge(sends('one row'), [checkpoint('settled', rows, more)], context());
  const { outcomes, missing } = verdict.checkpoints[0] ?? {};
  const counted = Object.entries({ ...outcomes, ...missing }).filter(([, count]) => (count as number) > 0);
  return Object.fromEntries(counted);
};

test('a span that was sent twice is one event, and right as one row', () => {
  expect(outcomes([row])).toEqual({ ok: 1 });
});

test('two rows of one span are one too many', () => {
  const earlier = {
    ...row,
    start_time: '2023-11-14 22:12:20.123000',
    event_ts: '2026-01-01 00:00:00.000000',
  };
  expect(outcomes([row, earlier])).toEqual({ ok: 1, duplicated: 1 });
});

test('a row that is deleted, or in another project, is not there', () => {
  expect(outcomes([{ ...row, is_deleted: 1 }])).toEqual({ lost: 1, 'clickhouse-hidden': 1 });
  expect(outcomes([{ ...row, project_id: 'other' }])).toMatchObject({ lost: 1 });
});

test('a row without the span’s mark is not its row, and one with other content is altered', () => {
  const { chaos_3: _mark, ...metadata } = row.metadata as Record<string, string>;
  expect(outcomes([{ ...row, metadata }])).toMatchObject({ lost: 1, unexpected: 1 });
  expect(outcomes([{ ...row, session_id: 'another' }])).toEqual({ altered: 1 });
  expect(outcomes([{ ...row, start_time: '2023-11-14 22:13:20.123456' }])).toEqual({ altered: 1 });
});

test('a span without a row is lost; its raw request in S3 and its job say where', () => {
  const s3 = { 'observation/span-1': ['span-1'] };
  expect(outcomes([])).toEqual({ lost: 1, 'not-in-s3': 1 });
  expect(outcomes([], { s3 })).toEqual({ lost: 1, 's3-only': 1 });
  const jobs = [{ entity: 'observation/span-1', state: 'failed' }] as const;
  expect(outcomes([], { s3, jobs })).toEqual({ lost: 1, 'failed-set': 1 });
});

test('v3.36.0: the marks of trace and observation are told apart in the attributes that both keep', () => {
  const attributes = JSON.stringify(
    Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, value.stringValue])),
  );
  const events = sends('web converts');
  const hex = (id: string) => Buffer.from(id).toString('hex');
  const trace = {
    ...{
      kind: 'trace',
      project_id: PROJECT,
      id: hex('trace-1'),
      event_ts: '2026-01-01 00:00:01.000',
      is_deleted: 0,
    },
    ...{ timestamp: '2023-11-14 22:13:20.123', name: 'n', user_id: null, session_id: null, release: null },
    ...{
      version: null,
      environment: 'default',
      public: false,
      bookmarked: false,
      tags: [],
      input: null,
      output: null,
    },
    metadata: { attributes, resourceAttributes: '{}', scope: '{"name":"langfuse-sdk"}' },
  } as StoredRow;
  const verdict = judge(
    events,
    [checkpoint('settled', [trace])],
    context({ firstSeen: new Map([[4, START]]) }),
  );
  // The trace's mark was seen; the observation's never was, and it is not there: lost, not vanished.
  expect(verdict.checkpoints[0]?.outcomes).toMatchObject({ lost: 1, vanished: 0, altered: 0 });
});

/** The trace that is made of the span by the worker, for the tables of v3. */
const traceRow = {
  ...{
    kind: 'trace',
    project_id: PROJECT,
    id: 'trace-1',
    event_ts: '2026-01-01 00:00:01.000',
    is_deleted: 0,
  },
  ...{ timestamp: '2023-11-14 22:13:20.123', name: 'n', user_id: null, session_id: null, release: null },
  ...{ version: null, environment: 'default', public: false, bookmarked: false, tags: [] },
  ...{ input: null, output: null },
  metadata: {
    ...{ chaos_3: 'span-1', chaostrace_4: 'trace-1' },
    ...{ resourceAttributes: '{}', scope: '{"name":"langfuse-sdk","attributes":{}}' },
  },
} as StoredRow;

test('worker converts: a trace that a root alone has made is compared as a whole', () => {
  const events = sends('worker converts').filter(({ event }) => event.type === 'otel-trace');
  const outcomesOf = (change: object, among = events) =>
    judge(among, [checkpoint('settled', [{ ...traceRow, ...change }])], context()).checkpoints[0]?.outcomes;
  expect(outcomesOf({})).toMatchObject({ ok: 1, altered: 0 });
  const changes = [
    ...[{ timestamp: '1999-01-01 00:00:00.000' }, { environment: 'x' }, { public: true }, { tags: ['x'] }],
    ...[{ input: 'x' }, { output: 'x' }, { user_id: 'x' }],
    { metadata: { ...(traceRow.metadata as object), more: 'x' } },
  ];
  for (const change of changes) expect(outcomesOf(change)).toMatchObject({ ok: 0, altered: 1 });
  expect(outcomesOf({ metadata: {} })).toMatchObject({ lost: 1, unexpected: 1 });
});

/** What a root and its child say of their trace, in one request. */
function rootAndChild(): SentEvent[] {
  const child = { ...span, spanId: 'span-2', parentSpanId: 'span-1' };
  const spans = [span, withSpanMarks({ ...child, attributes: [] }, 5)].map((each) => ({
    ...each,
    attributes: [...(each.attributes ?? []), { key: 'user.id', value: { stringValue: 'ada' } }],
  }));
  const request = { resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans }] }] };
  return (eventsOfExport(request, 'worker converts') ?? [])
    .filter(({ type }) => type === 'otel-trace')
    .map((event, index) => ({
      ...{ event: { ...event, timestamp: '' }, request: 0, index, answer: 'acknowledged' as const },
      ...{ envelopeByTarget: true as const, sentAt: START, answeredAt: START + 100 },
    }));
}

test('worker converts: a trace is there only with its root’s mark, also where its metadata is not compared', () => {
  const outcomesOf = (change: object) =>
    judge(rootAndChild(), [checkpoint('settled', [{ ...traceRow, user_id: 'ada', ...change }])], context())
      .checkpoints[0]?.outcomes;
  expect(outcomesOf({})).toMatchObject({ ok: 2 });
  expect(outcomesOf({ metadata: {} })).toMatchObject({ ok: 1, lost: 1 });
});

test('worker converts: of a root that only the replay brought back is said that its trace had a row without it', () => {
  const whole = { ...traceRow, user_id: 'ada' };
  const s3 = { 'trace/trace-1': ['trace-1'] };
  const verdict = judge(
    rootAndChild(),
    [
      checkpoint('settled', [{ ...whole, metadata: {} }], { s3 }),
      checkpoint('after-retry', [{ ...whole, metadata: {} }], { s3 }),
      checkpoint('after-replay', [whole], { s3 }),
    ],
    context({ recovery: ['retry failed jobs', 'replay from S3'] }),
  );
  expect(verdict.findings).toMatchObject([
    {
      ...{ outcome: 'recovered-by-replay', entity: 'trace/trace-1', type: 'otel-trace' },
      stages: { settled: 's3-only', 'after-retry': 's3-only' },
      note: 'The entity had a row at settled and after-retry, but this event was not in it.',
    },
  ]);
});

test.each(['one row', 'worker converts'] as const)(
  '%s: two different spans under one id are never passed',
  (form) => {
    const other = withSpanMarks({ ...span, name: 'other', attributes: [] }, 5);
    const send = (sent: ExportedSpan, request: number) =>
      (
        eventsOfExport(
          { resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans: [sent] }] }] },
          form,
        ) ?? []
      )
        .filter(({ type }) => type !== 'otel-trace')
        .map((event, index) => ({
          ...{ event: { ...event, timestamp: '' }, request, index, answer: 'acknowledged' as const },
          ...{ envelopeByTarget: true as const, sentAt: START + request, answeredAt: START + 100 },
        }));
    const metadata = {
      ...{ chaos_3: 'span-1', resourceAttributes: '{}', scope: '{"name":"langfuse-sdk","attributes":{}}' },
    };
    const stored = form === 'one row' ? row : { ...row, table: undefined, ...TIMES_OF_V3, metadata };
    const judged = (sends: readonly SentEvent[]) =>
      judge(sends, [checkpoint('settled', [stored as StoredRow])], context());
    // An exporter’s second try is the same span.
    expect(judged([...send(span, 0), ...send(span, 1)])).toMatchObject({ verdict: 'pass' });
    const verdict = judged([...send(span, 0), ...send(other, 1)]);
    expect(verdict).toMatchObject({
      verdict: 'fail',
      checkpoints: [{ outcomes: { ok: 1, lost: 1 } }],
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'event-id-reused' })]),
    });
  },
);

const TIMES_OF_V3 = { start_time: '2023-11-14 22:13:20.123', end_time: '2023-11-14 22:13:21.500' };
