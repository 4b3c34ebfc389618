import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readSpans } from './otlp-body.ts';
import { encodeSpans } from './otlp-protobuf.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const GZIP = { 'content-encoding': 'gzip' };
const resourceSpans = [
  {
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'ü' } }] },
    scopeSpans: [
      {
        scope: { name: 's', version: '1' },
        spans: [
          {
            traceId: Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex'),
            spanId: Buffer.from('b7ad6b7169203331', 'hex'),
            name: 'a span',
            startTimeUnixNano: 5,
            attributes: [{ key: 'n', value: { intValue: -1 } }],
          },
        ],
      },
    ],
  },
];
const bytes = Buffer.from(encodeSpans(resourceSpans));

test('protobuf gives ids as bytes, integers as numbers, and nothing for what was not sent', async () => {
  const read = await readSpans(PROTOBUF, bytes);
  const [{ resource, scopeSpans: [scopeSpans] = [] } = {}] = read.spans ?? [];
  expect(resource).toEqual({ attributes: [{ key: 'service.name', value: { stringValue: 'ü' } }] });
  expect(scopeSpans?.scope).toEqual({ name: 's', version: '1' });
  const [span] = scopeSpans?.spans ?? [];
  expect(span).toMatchObject({
    name: 'a span',
    startTimeUnixNano: 5,
    attributes: [{ key: 'n', value: { intValue: -1 } }],
  });
  expect(Buffer.from(span?.traceId as Uint8Array).toString('hex')).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(Object.keys(span ?? {}).sort()).toEqual([
    'attributes',
    'name',
    'spanId',
    'startTimeUnixNano',
    'traceId',
  ]);
});

test('both forms may be compressed', async () => {
  expect((await readSpans({ ...PROTOBUF, ...GZIP }, gzipSync(bytes))).spans).toHaveLength(1);
  const text = Buffer.from('{"resourceSpans":[{}]}');
  expect((await readSpans({ ...JSON_TYPE, ...GZIP }, gzipSync(text))).spans).toEqual([{}]);
});

test.each([
  ['no content type', {}, bytes, 'Invalid content type'],
  ['another one', { 'content-type': 'text/plain' }, bytes, 'Invalid content type'],
  ['gzip that is none', { ...PROTOBUF, ...GZIP }, bytes, 'Failed to decompress request body'],
  ['JSON that is none', JSON_TYPE, Buffer.from('{'), 'Failed to parse OTel JSON Trace'],
  ['JSON null', JSON_TYPE, Buffer.from('null'), 'Failed to parse OTel JSON Trace'],
  ['protobuf that is none', PROTOBUF, bytes.subarray(0, -1), 'Failed to parse OTel Protobuf Trace'],
])('%s is refused', async (_what, headers, body, refused) => {
  expect(await readSpans(headers, body)).toEqual({ refused });
});

test.each([
  ['JSON', JSON_TYPE, '{}'],
  ['protobuf', PROTOBUF, ''],
])('%s without spans is not refused here', async (_form, headers, body) => {
  expect(await readSpans(headers, Buffer.from(body))).toEqual({ spans: undefined });
});
