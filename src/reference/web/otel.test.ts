import { describe, expect, test } from 'vitest';
import { toIngestionEvents } from './otel.ts';

const hex = (text: string) => Buffer.from(text).toString('hex');
const root = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'root',
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000001500000000',
};
const convert = (...spans: object[]) =>
  toIngestionEvents({
    resource: { attributes: [{ key: 'service.version', value: { stringValue: '7' } }] },
    scopeSpans: [{ scope: { name: 's' }, spans: spans as (typeof root)[] }],
  });

describe('a span', () => {
  test('at the root becomes a trace and an observation, with the hex of the ids as text', () => {
    expect(convert(root)).toMatchObject([
      {
        type: 'trace-create',
        body: { id: hex(root.traceId), timestamp: '2023-11-14T22:13:20.000Z', name: 'root', version: '7' },
      },
      {
        type: 'span-create',
        body: {
          id: hex(root.spanId),
          traceId: hex(root.traceId),
          startTime: '2023-11-14T22:13:20.000Z',
          endTime: '2023-11-14T22:13:21.500Z',
        },
      },
    ]);
  });

  test('below another becomes an observation only', () => {
    expect(convert({ ...root, parentSpanId: 'aa' })).toMatchObject([
      { type: 'span-create', body: { parentObservationId: hex('aa') } },
    ]);
  });

  test('with a model becomes a generation', () => {
    const attributes = [{ key: 'gen_ai.request.model', value: { stringValue: 'gpt' } }];
    expect(convert({ ...root, attributes })[1]).toMatchObject({
      type: 'generation-create',
      body: { model: 'gpt' },
    });
  });

  test('with an integer as text, as OTLP writes it, gets NaN', () => {
    const attributes = [{ key: 'n', value: { intValue: '42' } }];
    expect(convert({ ...root, attributes })[0]).toMatchObject({
      body: { metadata: { attributes: { n: Number.NaN } } },
    });
  });
});
