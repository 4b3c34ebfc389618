import { expect, test } from 'vitest';
import { eventsOfSpans } from './otel-events.ts';
import type { ExportedSpans } from './otlp.ts';

const body: ExportedSpans = {
  resourceSpans: [
    {
      scopeSpans: [
        {
          scope: { name: 'langfuse-chaos' },
          spans: [
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              spanId: 'b7ad6b7169203331',
              name: 'a span',
              startTimeUnixNano: '1700000000000000000',
              endTimeUnixNano: '1700000001500000000',
            },
          ],
        },
      ],
    },
  ],
};

const hex = (text: string) => Buffer.from(text).toString('hex');

test('a root span becomes a trace and a span with the hex of the ids as text', () => {
  const common = {
    name: 'a span',
    metadata: { attributes: {}, resourceAttributes: {}, scope: { name: 'langfuse-chaos' } },
    version: null,
    environment: 'default',
    input: null,
    output: null,
  };
  const traceId = hex('0af7651916cd43dd8448eb211c80319c');
  const startTime = '2023-11-14T22:13:20.000Z';
  expect(eventsOfSpans(body)).toEqual([
    {
      id: '0af7651916cd43dd8448eb211c80319c',
      type: 'trace-create',
      body: { ...common, id: traceId, timestamp: startTime, release: null, public: false, tags: [] },
    },
    {
      id: 'b7ad6b7169203331',
      type: 'span-create',
      body: {
        ...common,
        id: hex('b7ad6b7169203331'),
        traceId,
        parentObservationId: null,
        startTime,
        endTime: '2023-11-14T22:13:21.500Z',
        level: 'DEFAULT',
        statusMessage: null,
      },
    },
  ]);
});

test('what is no OTLP/JSON has no events', () => {
  expect(eventsOfSpans({ batch: [] })).toBeUndefined();
  expect(
    eventsOfSpans({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'no ids' }] }] }] }),
  ).toBeUndefined();
});

/** The events of a span below another, with these attributes. */
const eventsWith = (attributes: Record<string, object>, more: object = {}) => {
  const [span] = body.resourceSpans[0]?.scopeSpans?.[0]?.spans ?? [];
  const list = Object.entries(attributes).map(([key, value]) => ({ key, value }));
  const spans = [{ ...span, parentSpanId: 'aa', attributes: list, ...more }];
  return eventsOfSpans({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
};
const text = (stringValue: string) => ({ stringValue });

test('a span with a model is a generation, whose usage and parameters are what its library says', () => {
  const [generation, ...others] =
    eventsWith({
      'gen_ai.request.model': text('gpt'),
      'gen_ai.request.temperature': { doubleValue: 0.5 },
      'gen_ai.usage.input_tokens': { intValue: 7 },
      'gen_ai.usage.cost': { doubleValue: 0.25 },
      'gen_ai.prompt.0.role': text('user'),
      'gen_ai.prompt.1.role': text('tool'),
      'gen_ai.completion': text('hi'),
    }) ?? [];
  expect(others).toEqual([]);
  expect(generation).toMatchObject({
    type: 'generation-create',
    body: {
      parentObservationId: hex('aa'),
      model: 'gpt',
      modelParameters: { model: 'gpt', temperature: 0.5 },
      usageDetails: { input: 7 },
      costDetails: { total: 0.25 },
      input: [{ role: 'user' }, { role: 'tool' }],
      output: 'hi',
    },
  });
});

test('the attributes of the Langfuse SDKs of today are metadata and nothing else', () => {
  const [span] = eventsWith({ 'langfuse.observation.input': text('hello'), 'user.id': text('u') }) ?? [];
  expect(span).toMatchObject({
    type: 'span-create',
    body: {
      input: null,
      metadata: { attributes: { 'langfuse.observation.input': 'hello', 'user.id': 'u' } },
    },
  });
});

test('an integer as text becomes NaN, and a 0 JSON', () => {
  const [span] = eventsWith({ a: { intValue: '7' }, b: { intValue: 0 }, c: { intValue: 5 } }) ?? [];
  expect(span?.body.metadata).toMatchObject({ attributes: { a: Number.NaN, b: '{"intValue":0}', c: 5 } });
});

test('an error is what its status says', () => {
  const [span] = eventsWith({}, { status: { code: 2, message: 'broken' } }) ?? [];
  expect(span?.body).toMatchObject({ level: 'ERROR', statusMessage: 'broken' });
});
