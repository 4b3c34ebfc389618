import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeSpans } from '../../../src/reference/web/otlp-protobuf.ts';
import { spans } from '../support/events.ts';
import { call } from '../support/http.ts';
import { objectsOf, openQueue, rawSpans } from '../support/look.ts';
import type { ContractStack } from '../support/target.ts';

/** `POST /api/public/otel/v1/traces` since the web stores requests as they are. Nobody may take the jobs. */
export function describeRawOtlp(stack: ContractStack): void {
  describe('POST /api/public/otel/v1/traces, stored raw', () => {
    beforeEach((context) => stack.only(context, { since: 'spansRaw' }));

    const send = (body: unknown, headers: Record<string, string> = {}) =>
      call(stack.current, '/api/public/otel/v1/traces', { method: 'POST', body, headers });
    const protobuf = { 'content-type': 'application/x-protobuf' };

    test('the spans of a request become one object, whose name is in the one job', async () => {
      const body = spans();
      await using jobs = openQueue(stack.current, 'otel-ingestion-queue');
      const before = await rawSpans(stack.current);
      expect((await send(body)).status).toBe(200);
      const [added, ...more] = (await rawSpans(stack.current)).filter(({ key }) =>
        before.every((other) => other.key !== key),
      );
      expect(more).toEqual([]);
      expect(added?.spans).toEqual(body.resourceSpans);
      const { prefix } = stack.current.access.s3;
      const { projectId, publicKey } = stack.current.target;
      const minute = '\\d{4}/\\d\\d/\\d\\d/\\d\\d/\\d\\d';
      expect(added?.key).toMatch(new RegExp(`^${prefix}otel/${projectId}/${minute}/[\\da-f-]{36}\\.json$`));

      const waiting = await jobs.queue.getJobs(['wait', 'delayed']);
      const of = waiting.filter(({ data }) => data.payload.data.fileKey === added?.key);
      expect(of).toHaveLength(1);
      expect(of[0]?.data.payload).toMatchObject({
        data: { fileKey: added?.key, publicKey },
        authCheck: { validKey: true, scope: { projectId, accessLevel: 'project' } },
      });
      expect(of[0]?.opts).toMatchObject({
        attempts: stack.profile.queues['otel-ingestion-queue']?.attempts,
        backoff: { type: 'exponential', delay: 5000 },
      });
    });

    test('the web itself makes no events of them', async () => {
      const body = spans();
      expect((await send(body)).status).toBe(200);
      const [id = ''] = body.resourceSpans[0]?.scopeSpans[0]?.spans.map(({ traceId }) => traceId) ?? [];
      expect(await objectsOf(stack.current, `trace/${id}/`)).toEqual([]);
    });

    test('protobuf, in gzip or not', async () => {
      const traceId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
      const times = { startTimeUnixNano: '5', endTimeUnixNano: '5' };
      const span = { traceId, spanId: traceId.subarray(0, 8), name: 'n', ...times };
      const bytes = encodeSpans([{ scopeSpans: [{ scope: { name: 's' }, spans: [span] }] }]);
      const before = await rawSpans(stack.current);
      expect((await send(bytes, protobuf)).status).toBe(200);
      expect((await send(gzipSync(bytes), { ...protobuf, 'content-encoding': 'gzip' })).status).toBe(200);
      expect(await rawSpans(stack.current)).toHaveLength(before.length + 2);
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

    test.for([
      ['JSON without spans', {}, '{}'],
      ['protobuf without spans', protobuf, ''],
      ['JSON with an empty list', {}, '{"resourceSpans":[]}'],
    ] as const)('%s: 200, and nothing is stored', async ([_what, headers, body], context) => {
      stack.only(context, { since: 'noSpansNoJob' });
      const before = await rawSpans(stack.current);
      expect(await send(body, headers as Record<string, string>)).toMatchObject({ status: 200, json: {} });
      expect(await rawSpans(stack.current)).toHaveLength(before.length);
    });

    test.for([
      ['no trace id', { traceId: undefined }],
      ['no span id', { spanId: undefined }],
    ] as const)('one span with %s: the whole request is refused', async ([_what, missing], context) => {
      stack.only(context, { since: 'spanIdsChecked' });
      const [good, bad] = [spans(), spans()];
      const [broken] = bad.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
      const scopeSpans = [{ scope: { name: 's' }, spans: [{ ...broken, ...missing }] }];
      const before = await rawSpans(stack.current);
      const answer = await send({ resourceSpans: [...good.resourceSpans, { scopeSpans }] });
      expect(answer).toMatchObject({
        status: 400,
        json: { error: expect.stringContaining('Invalid OTLP trace export: 1 of 2 span(s)') },
      });
      expect(await rawSpans(stack.current)).toHaveLength(before.length);
    });
  });
}
