import { expect, test } from 'vitest';
import { type ExportedSpans, eventsOfSpans } from './otel-events.ts';

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
      type: 'trace-create',
      body: { ...common, id: traceId, timestamp: startTime, release: null, public: false, tags: [] },
    },
    {
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

test('spans of another shape are not guessed at', () => {
  const attributes = [{ key: 'gen_ai.request.model', value: { stringValue: 'gpt' } }];
  const [resource] = body.resourceSpans;
  const changed = structuredClone({ resourceSpans: [{ resource: { attributes }, ...resource }] });
  expect(eventsOfSpans(changed)).toBeUndefined();
  expect(eventsOfSpans({ batch: [] })).toBeUndefined();
});
