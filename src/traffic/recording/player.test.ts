import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IngestionEvent } from '../../langfuse/events.ts';
import { markOfComment, marksOfMetadata } from '../../langfuse/mark.ts';
import { parseExport, spansOf } from '../../langfuse/otlp.ts';
import { VIRTUAL_START } from '../request.ts';
import type { Recording } from './format.ts';
import { playRecording } from './player.ts';

const START = '2025-01-02T03:04:05.000Z';
const later = (ms: number) => new Date(Date.parse(START) + ms).toISOString();

function recordingOf(requests: readonly { offsetMs: number; path?: string; body: unknown }[]): Recording {
  return {
    header: { kind: 'recording', version: 1, startedAt: START, madeWith: 'test' },
    requests: requests.map((request) => ({
      kind: 'request',
      path: '/api/public/ingestion',
      headers: {},
      ...request,
    })),
  };
}

const SMALL = recordingOf([
  {
    offsetMs: 100,
    body: {
      batch: [
        {
          id: 'v1',
          timestamp: later(90),
          type: 'trace-create',
          body: {
            id: 't',
            sessionId: 'chat',
            userId: 'ada',
            timestamp: later(80),
            metadata: { kept: 'as it is' },
          },
        },
        {
          id: 'v2',
          timestamp: later(95),
          type: 'generation-create',
          body: {
            id: 'o1',
            traceId: 't',
            parentObservationId: 'o0',
            startTime: later(91),
            completionStartTime: later(92),
            endTime: '2025-01-02T04:04:05.093+01:00',
            input: { id: 't', startTime: later(0) },
          },
        },
      ],
      metadata: { sdk_name: 'langfuse-js' },
    },
  },
  {
    offsetMs: 300,
    body: {
      batch: [
        {
          id: 'v3',
          timestamp: later(290),
          type: 'score-create',
          body: { id: 's', traceId: 't', observationId: 'o1', name: 'tone', value: 1, comment: 'fine' },
        },
      ],
    },
  },
  { offsetMs: 500, path: '/api/public/scores', body: { id: 's2', traceId: 't', name: 'tone', value: 0 } },
]);

const PLAY = { speed: 1, repeat: 1, seed: 'seed' };
type Body = Record<string, unknown>;
const eventsOf = (body: string) => (JSON.parse(body) as { batch: (IngestionEvent & { body: Body })[] }).batch;

test('ids are replaced alike wherever they occur, times shifted, all else kept', () => {
  const [first, second, third] = [...playRecording(SMALL, PLAY).requests];
  const [trace, generation] = eventsOf(first?.body ?? '');
  const [score] = eventsOf(second?.body ?? '');
  const single = JSON.parse(third?.body ?? '') as Body;
  const virtual = (ms: number) => new Date(VIRTUAL_START + ms).toISOString();

  expect(trace).toMatchObject({
    timestamp: virtual(90),
    type: 'trace-create',
    body: { userId: 'ada', timestamp: virtual(80), metadata: { kept: 'as it is' } },
  });
  expect(generation?.body).toMatchObject({
    startTime: virtual(91),
    completionStartTime: virtual(92),
    endTime: virtual(93),
    input: { id: 't', startTime: later(0) },
  });
  for (const event of [generation, score]) expect(event?.body.traceId).toBe(trace?.body.id);
  expect(single.traceId).toBe(trace?.body.id);
  expect(score?.body.observationId).toBe(generation?.body.id);
  const fresh = [trace?.id, generation?.id, score?.id, single.id, trace?.body.id, trace?.body.sessionId];
  fresh.push(generation?.body.id, generation?.body.parentObservationId, score?.body.id);
  expect(new Set(fresh).size).toBe(9);
  for (const id of fresh) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ metadata: { sdk_name: 'langfuse-js' } });
});

test('every event gets the mark of its number, and is named in its request', () => {
  const played = [...playRecording(SMALL, { ...PLAY, repeat: 2 }).requests];
  const marks = played.flatMap(({ body, path }) =>
    path === '/api/public/scores'
      ? [markOfComment((JSON.parse(body) as Body).comment)]
      : eventsOf(body).map((event) =>
          event.type === 'score-create'
            ? markOfComment(event.body.comment)
            : marksOfMetadata(event.body.metadata)[0],
        ),
  );
  expect(marks).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const [first, , third] = played;
  expect(first?.eventIds).toEqual(eventsOf(first?.body ?? '').map(({ id }) => id));
  expect(third?.eventIds).toEqual([(JSON.parse(third?.body ?? '') as Body).id]);
});

test('the same seed gives the same bytes; another seed or repeat gives other ids', () => {
  const play = (seed: string) => [...playRecording(SMALL, { speed: 1, repeat: 2, seed }).requests];
  expect(play('a')).toEqual(play('a'));
  const ids = [...play('a'), ...play('b')].flatMap(({ eventIds }) => eventIds);
  expect(new Set(ids).size).toBe(ids.length);
});

test('speed and repeat: when each request is due, and how much there is', () => {
  const due = (speed: number, repeat: number) => {
    const traffic = playRecording(SMALL, { speed, repeat, seed: 's' });
    const at = [...traffic.requests].map((request) => request.at);
    expect(at.at(-1)).toBe(traffic.durationMs);
    return [traffic.totalEvents, ...at];
  };
  expect(due(1, 1)).toEqual([4, 100, 300, 500]);
  expect(due(2, 1)).toEqual([4, 50, 150, 250]);
  // The pause before the next repeat is the mean distance between two requests: 500 ms over 2.
  expect(due(1, 2)).toEqual([8, 100, 300, 500, 850, 1050, 1250]);
});

test('a repeat lies after the one before it in its own times as well', () => {
  const played = [...playRecording(SMALL, { ...PLAY, repeat: 2, speed: 10 }).requests];
  const times = [played[0], played[3]].map((request) => eventsOf(request?.body ?? '')[0]?.timestamp ?? '');
  expect(Date.parse(times[1] ?? '') - Date.parse(times[0] ?? '')).toBe(750);
});

test('what cannot be played is refused before anything is sent', () => {
  const play = (body: unknown, path = '/api/public/ingestion') =>
    playRecording(
      recordingOf([
        { offsetMs: 0, body: { batch: [] } },
        { offsetMs: 1, body, path },
      ]),
      PLAY,
    );
  expect(() => play({ batch: [{ id: 'no envelope' }] })).toThrow(
    /^Request 2 of the recording cannot be played: .*timestamp/s,
  );
  expect(() => play({ events: [] })).toThrow('E_RECORDING_UNPLAYABLE');
  expect(() => play({ name: 'score' }, '/api/public/scores')).toThrow('E_RECORDING_UNPLAYABLE');
  expect(() => play({}, '/api/public/otel/v1/traces')).toThrow('can’t be read as OTLP/JSON');
  expect(() => play({}, '/api/public/media')).toThrow('can be recorded, not yet played');
});

test('spans get ids and times of their own, their marks, and scores still name them', () => {
  const start = BigInt(Date.parse(later(5))) * 1_000_000n + 123n;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const span = (spanId: string, more: object) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId,
    name: 'n',
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 7n),
    ...more,
  });
  const spans = [
    span('00f067aa0ba902b7', { parentSpanId: 'b7ad6b7169203331' }),
    span('b7ad6b7169203331', {
      attributes: [
        text('session.id', 'chat'),
        text('langfuse.observation.completion_start_time', `"${later(6)}"`),
        text('kept', 'chat'),
      ],
    }),
  ];
  const recording = recordingOf([
    {
      offsetMs: 0,
      path: '/api/public/otel/v1/traces',
      body: { resourceSpans: [{ scopeSpans: [{ spans }] }] },
    },
    {
      offsetMs: 1,
      path: '/api/public/scores',
      body: {
        id: 's',
        traceId: spans[0]?.traceId,
        observationId: 'b7ad6b7169203331',
        name: 'tone',
        value: 1,
      },
    },
  ]);
  const traffic = playRecording(recording, { ...PLAY, repeat: 2 });
  const requests = [...traffic.requests];
  expect([traffic.totalEvents, traffic.marks]).toEqual([6, 10]);
  const [first, , again] = requests.map(({ body }) => {
    const parsed = parseExport(JSON.parse(body));
    return parsed ? spansOf(parsed).map((place) => place.span) : [];
  });
  const [child, root] = first ?? [];
  const played = JSON.parse(requests[1]?.body ?? '') as Body;
  expect(child?.parentSpanId).toBe(root?.spanId);
  expect([played.traceId, played.observationId]).toEqual([root?.traceId, root?.spanId]);
  expect(root?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(root?.spanId).toMatch(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/);
  expect(root?.startTimeUnixNano).toBe(`${VIRTUAL_START + 5}000123`);
  const values = Object.fromEntries(
    (root?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]),
  );
  expect(values['session.id']).not.toBe('chat');
  expect(values['langfuse.observation.completion_start_time']).toBe(
    `"${new Date(VIRTUAL_START + 6).toISOString()}"`,
  );
  expect(values).toMatchObject({
    kept: 'chat',
    'langfuse.observation.metadata.chaos_2': root?.spanId,
    'langfuse.trace.metadata.chaostrace_3': root?.traceId,
  });
  expect(requests[0]?.eventIds).toEqual([child?.spanId, root?.spanId]);
  expect(again?.[1]?.spanId).not.toBe(root?.spanId);
});

test('a recording without requests is an empty traffic', () => {
  const traffic = playRecording(recordingOf([]), { ...PLAY, repeat: 3 });
  expect([traffic.totalEvents, traffic.durationMs, [...traffic.requests]]).toEqual([0, 0, []]);
});

test('whatever was recorded: equal ids stay equal, different ones different, and nothing is lost', () => {
  const id = fc.string({ minLength: 1, maxLength: 3 });
  const event = fc.record({
    id,
    timestamp: fc.constantFrom(later(0), later(77), 'no time'),
    type: fc.constantFrom('trace-create', 'span-update', 'score-create', 'sdk-log', 'of the future'),
    body: fc.dictionary(
      fc.constantFrom('id', 'traceId', 'parentObservationId', 'metadata', 'name', 'comment'),
      fc.oneof(id, fc.constant(null), fc.integer(), fc.dictionary(id, id)),
    ),
  });
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 4 }), { maxLength: 4 }), (batches) => {
      const recording = recordingOf(batches.map((batch, index) => ({ offsetMs: index, body: { batch } })));
      const played = [...playRecording(recording, PLAY).requests].flatMap(({ body }) => eventsOf(body));
      const originals = batches.flat();
      expect(played.map(({ type }) => type)).toEqual(originals.map(({ type }) => type));
      const forth = new Map<unknown, unknown>();
      const back = new Map<unknown, unknown>();
      const same = (old: unknown, own: unknown) => {
        if (typeof old !== 'string' || old === '') return expect(own).toEqual(old);
        expect(forth.get(old) ?? own).toBe(own);
        expect(back.get(own) ?? old).toBe(old);
        forth.set(old, own);
        back.set(own, old);
      };
      for (const [index, own] of played.entries()) {
        const old = originals[index] as (typeof originals)[number];
        same(old.id, own.id);
        for (const field of ['id', 'traceId', 'parentObservationId']) same(old.body[field], own.body[field]);
        expect(own.body.name).toEqual(old.body.name);
      }
    }),
  );
});
