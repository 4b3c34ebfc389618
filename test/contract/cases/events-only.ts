import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../src/base/wait-until.ts';
import { event, observation, score, spans, trace } from '../support/events.ts';
import { call, ingest } from '../support/http.ts';
import { landed, objectsOf, rawSpans, untilEventRow, untilLanded } from '../support/look.ts';
import { type ContractStack, RETRIED } from '../support/target.ts';

/**
 * The write mode `events_only`, v4's default: traces and observations come as spans only, and are stored in `events_full` (v4.16.0,
 * `web/src/pages/api/public` and `worker/src/queues/otelIngestionQueue.ts`). What holds in it and in the others stands elsewhere.
 */
export function describeEventsOnly(stack: ContractStack): void {
  describe('the write mode events_only', () => {
    beforeEach((context) => stack.only(context, { writeModes: ['events_only'] }));

    describe('POST /api/public/ingestion', () => {
      test('refuses what is neither a score nor a log, each event by itself, before it looks at its body', async () => {
        const [good, log] = [score(), event('sdk-log', { log: 'x' })];
        const refused = [
          trace(),
          observation('span-create'),
          { id: 'bad', type: 'trace-create' },
          { id: 'x', type: 'nope' },
          7,
        ];
        const { status, json } = await ingest(stack.current, [good, log, ...refused]);
        expect(status).toBe(207);
        expect(json).toMatchObject({ successes: [{ id: good.id, status: 201 }] });
        const { errors } = json as { errors: object[] };
        expect(errors).toHaveLength(refused.length);
        for (const error of errors) {
          expect(error).toMatchObject({
            status: 400,
            message: 'Event type not accepted',
            error: expect.stringContaining('is not accepted by /api/public/ingestion when'),
          });
        }
        expect(errors.at(-1)).toMatchObject({
          id: 'unknown',
          error: expect.stringContaining('Event type "unknown"'),
        });
        await untilLanded(stack.current, 'scores', [good.body.id]);
      });

      test('stores nothing of what it refuses', async () => {
        const refused = trace();
        await ingest(stack.current, [refused]);
        expect(await objectsOf(stack.current, `trace/${refused.body.id}/`)).toEqual([]);
      });
    });

    test.each([
      ['GET', 'traces'],
      ['GET', 'traces/none'],
      ['GET', 'observations'],
      ['GET', 'scores'],
      ['POST', 'spans'],
      ['POST', 'generations'],
      ['POST', 'events'],
    ])('%s /api/public/%s is not there', async (method, path) => {
      const body = method === 'POST' ? { id: randomUUID(), name: 'n' } : undefined;
      expect((await call(stack.current, `/api/public/${path}`, { method, body })).status).toBe(404);
    });

    test.each(['v2/observations', 'v3/scores'])('GET /api/public/%s is there', async (path) => {
      expect((await call(stack.current, `/api/public/${path}`)).status).toBe(200);
    });

    describe('a span', () => {
      const exported = () => {
        const body = spans();
        const [span] = body.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
        return { body, traceId: span?.traceId ?? '', spanId: span?.spanId ?? '' };
      };
      const send = (body: unknown) =>
        call(stack.current, '/api/public/otel/v1/traces', { method: 'POST', body });

      test('is one row of events_full, and none of traces and observations', async () => {
        const { body, traceId, spanId } = exported();
        expect((await send(body)).status).toBe(200);
        expect(await untilEventRow(stack.current, spanId)).toMatchObject({
          trace_id: traceId,
          name: 'a span',
          type: 'SPAN',
        });
        expect(await landed(stack.current, 'traces', [traceId])).toEqual([]);
        expect(await landed(stack.current, 'observations', [spanId])).toEqual([]);
      });

      test('that is sent again is another object, and one row', async () => {
        const { body, spanId } = exported();
        const before = await rawSpans(stack.current);
        for (const name of ['first', 'second']) {
          const [span] = body.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
          expect(
            (
              await send({
                resourceSpans: [{ scopeSpans: [{ scope: { name: 's' }, spans: [{ ...span, name }] }] }],
              })
            ).status,
          ).toBe(200);
        }
        expect(await rawSpans(stack.current)).toHaveLength(before.length + 2);
        expect(await untilEventRow(stack.current, spanId)).toMatchObject({ span_id: spanId });
      });

      test('is read back', async () => {
        const { body, traceId, spanId } = exported();
        expect((await send(body)).status).toBe(200);
        await untilEventRow(stack.current, spanId);
        const found = await waitUntil(
          'the span to be read back',
          async () => {
            const { status, json } = await call(
              stack.current,
              `/api/public/v2/observations?traceId=${traceId}`,
            );
            expect(status).toBe(200);
            return (json as { data: object[] }).data[0];
          },
          RETRIED,
        );
        expect(found).toMatchObject({ id: spanId, traceId });
      });
    });
  });
}
