import { expect, test } from 'vitest';
import { parseRawSpans } from './raw-spans.ts';

const object = (...spans: object[]) => JSON.stringify([{ resource: {}, scopeSpans: [{ spans }] }]);
const TRACE = '0af7651916cd43dd8448eb211c80319c';

test('a root span leads to an observation and a trace, another one to an observation', () => {
  const text = object(
    { traceId: TRACE, spanId: 'b7ad6b7169203331', attributes: [] },
    { traceId: TRACE, spanId: 'b7ad6b7169203332', parentSpanId: 'b7ad6b7169203331' },
  );
  expect(parseRawSpans('k', text)).toEqual({
    key: 'k',
    tracks: [
      { entity: 'observation/b7ad6b7169203331', id: 'b7ad6b7169203331', marks: [] },
      { entity: `trace/${TRACE}`, id: TRACE, marks: [] },
      { entity: 'observation/b7ad6b7169203332', id: 'b7ad6b7169203332', marks: [] },
    ],
  });
});

test('ids that came as bytes are hex; an empty parent is none', () => {
  const bytes = (hex: string) => JSON.parse(JSON.stringify(Buffer.from(hex, 'hex')));
  const span = { traceId: bytes(TRACE), spanId: bytes('b7ad6b7169203331'), parentSpanId: bytes('') };
  expect(parseRawSpans('k', object(span))).toMatchObject({
    tracks: [{ entity: 'observation/b7ad6b7169203331' }, { entity: `trace/${TRACE}` }],
  });
});

test('a request without spans leads to nothing', () => {
  for (const text of ['[]', '[{}]', '[{"scopeSpans":[{}]}]', '[{"scopeSpans":null}]'])
    expect(parseRawSpans('k', text)).toEqual({ key: 'k', tracks: [] });
});

test.each([
  ['cut off', '[{"scopeSpans":', 'not JSON'],
  ['of another kind', '{"spans":[]}', 'JSON, but not a list of resource spans'],
  ['with a span without ids', object({ spanId: 'a' }), 'JSON, but not a list of resource spans'],
])('an object that is %s is corrupt', (_, text, why) => {
  expect(parseRawSpans('k', text)).toMatchObject({ problem: 'corrupt', text: expect.stringContaining(why) });
});
