import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeSpans } from '../../../src/reference/web/otlp-protobuf.ts';
import { spans } from '../support/events.ts';
import { call } from '../support/http.ts';
import { objectsOf } from '../support/look.ts';
import type { ContractStack } from '../support/target.ts';

/** `POST /api/public/otel/v1/traces` while the web makes events of spans; nobody may take the jobs. */
export function describeOtlp(stack: ContractStack): void {
  describe('POST /api/public/otel/v1/traces, made into events', () => {
    beforeEach((context) => stack.only(context, { until: 'spansRaw' }));

    const send = (body: unknown, headers: Record<string, string> = {}) =>
      call(stack.current, '/api/public/otel/v1/traces', { method: 'POST', body, headers });
    const protobuf = { 'content-type': 'application/x-protobuf' };

    test('JSON: each root span is a trace and an observation, with the hex of the ids as text', async () => {
      const body = spans();
      const { status, json } = await send(body);
      expect(status).toBe(stack.profile.spansStatus);
      expect(json).toMatchObject({ successes: [{ status: 201 }, { status: 201 }], errors: [] });
      const span = body.resourceSpans[0]?.scopeSpans[0]?.spans[0];
      const hexOfText = (text = '') => Buffer.from(text).toString('hex');
      expect(await objectsOf(stack.current, `trace/${hexOfText(span?.traceId)}/`)).toHaveLength(1);
      expect(await objectsOf(stack.current, `observation/${hexOfText(span?.spanId)}/`)).toHaveLength(1);
    });

    test('protobuf, in gzip or not: the ids are their hex', async () => {
      const [traceId, spanId] = [randomUUID().replaceAll('-', ''), randomUUID().slice(0, 8).padEnd(16, '0')];
      const span = { traceId, spanId, name: 'n', startTimeUnixNano: '5', endTimeUnixNano: '5' };
      const bytes = encodeSpans([
        {
          scopeSpans: [
            {
              scope: { name: 's' },
              spans: [{ ...span, traceId: Buffer.from(traceId, 'hex'), spanId: Buffer.from(spanId, 'hex') }],
            },
          ],
        },
      ]);
      expect(await send(bytes, protobuf)).toMatchObject({
        status: stack.profile.spansStatus,
        json: { errors: [] },
      });
      expect(await objectsOf(stack.current, `trace/${traceId}/`)).toHaveLength(1);
      const packed = { ...protobuf, 'content-encoding': 'gzip' };
      expect(await send(gzipSync(bytes), packed)).toMatchObject({
        status: stack.profile.spansStatus,
        json: { errors: [] },
      });
      expect(await objectsOf(stack.current, `trace/${traceId}/`)).toHaveLength(2);
    });

    test('integers that are text become NaN, and both events are refused', async () => {
      const [resource] = spans().resourceSpans;
      const [span] = resource?.scopeSpans[0]?.spans ?? [];
      const attributes = [{ key: 'n', value: { intValue: '42' } }];
      const scopeSpans = [{ scope: { name: 's' }, spans: [{ ...span, attributes }] }];
      const { status, json } = await send({ resourceSpans: [{ scopeSpans }] });
      expect(status).toBe(stack.profile.spansStatus);
      expect(json).toMatchObject({ successes: [], errors: [{ status: 400 }, { status: 400 }] });
    });

    test('a scope that is missing refuses the events of its spans', async () => {
      const [resource] = spans().resourceSpans;
      const scopeSpans = [{ spans: resource?.scopeSpans[0]?.spans }];
      const { json } = await send({ resourceSpans: [{ scopeSpans }] });
      expect(json).toMatchObject({ successes: [], errors: [{ status: 400 }, { status: 400 }] });
    });

    test.each([
      ['another content type', { 'content-type': 'text/plain' }, '{}', 'Invalid content type'],
      ['JSON that is none', {}, '{', 'Failed to parse OTel JSON Trace'],
      ['JSON null', {}, 'null', 'Failed to parse OTel JSON Trace'],
      ['protobuf that is none', protobuf, '\u0001', 'Failed to parse OTel Protobuf Trace'],
      ['gzip that is none', { 'content-encoding': 'gzip' }, '{}', 'Failed to decompress request body'],
    ])('%s: 400', async (_what, headers, body, error) => {
      expect(await send(body, headers as Record<string, string>)).toMatchObject({
        status: 400,
        json: { error },
      });
    });

    test.each([
      ['JSON', {}, '{}'],
      ['protobuf', protobuf, ''],
    ])('%s without spans: 500', async (_form, headers, body) => {
      expect(await send(body, headers as Record<string, string>)).toMatchObject({
        status: 500,
        json: {
          message: 'Internal Server Error',
          error: "Cannot read properties of undefined (reading 'flatMap')",
        },
      });
    });

    test('no spans: nothing is stored', async () => {
      expect(await send({ resourceSpans: [] })).toMatchObject({
        status: stack.profile.spansStatus,
        json: { successes: [], errors: [] },
      });
    });
  });
}
