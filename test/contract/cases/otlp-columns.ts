import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeSpans } from '../../../src/reference/web/otlp-protobuf.ts';
import { call } from '../support/http.ts';
import { untilRow } from '../support/look.ts';
import type { ContractStack } from '../support/target.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const ATTRIBUTES = [
  text('langfuse.release', 'r'),
  text('langfuse.user.id', 'u'),
  text('session.id', 'a-session'),
  text('langfuse.public', 'true'),
  text('gen_ai.request.model', 'a-model'),
  { key: 'gen_ai.request.top_p', value: { doubleValue: 0.5 } },
  text('gen_ai.usage.prompt_tokens', '3'),
  text('gen_ai.usage.completion_tokens', '4'),
  { key: 'gen_ai.usage.cost', value: { doubleValue: 0.25 } },
  text('gen_ai.prompt.0.role', 'user'),
  text('gen_ai.prompt.0.content', 'hello'),
  text('gen_ai.completion.0.content', 'world'),
];
/** The spans of this start have the highest bit of the lower half of their nanoseconds clear. */
const START = (BigInt(Date.UTC(2026, 4, 5)) * 1_000_000n) & ~0xffff_ffffn;

/** What the rows of spans hold while the web makes events of them as v3.36.0 does. */
export function testOtlpColumns(stack: ContractStack): void {
  const ids = () => [randomUUID().replaceAll('-', ''), randomUUID().replaceAll('-', '').slice(16)] as const;
  const stored = (nanos: bigint) =>
    new Date(Number(nanos / 1000n) / 1000).toISOString().replace('T', ' ').replace('Z', '');
  const amounts = (given: unknown) =>
    Object.fromEntries(Object.entries(given as object).map(([kind, amount]) => [kind, Number(amount)]));

  test.for(['JSON', 'protobuf'] as const)('a span of %s has its columns', async (form, context) => {
    stack.only(context, { until: 'spansAnswer200' });
    const [traceId, spanId] = ids();
    const span = {
      name: 'n',
      startTimeUnixNano: String(START),
      endTimeUnixNano: String(START + 1_500_000_000n),
      status: { code: 2, message: 'failed' },
      attributes: ATTRIBUTES,
    };
    const resource = { attributes: [text('service.version', 'v'), text('deployment.environment', 'prod')] };
    const of = (given: object) => [{ resource, scopeSpans: [{ scope: { name: 's' }, spans: [given] }] }];
    const bytes = (id: string) => Buffer.from(id, 'hex');
    const body =
      form === 'JSON'
        ? JSON.stringify({ resourceSpans: of({ ...span, traceId, spanId }) })
        : encodeSpans(of({ ...span, traceId: bytes(traceId), spanId: bytes(spanId) }));
    const type = form === 'JSON' ? 'application/json' : 'application/x-protobuf';
    const headers = { 'content-type': type };
    const sent = await call(stack.current, '/api/public/otel/v1/traces', { method: 'POST', body, headers });
    expect(sent).toMatchObject({ status: 207, json: { errors: [] } });

    const idOf = (id: string) => (form === 'JSON' ? Buffer.from(id).toString('hex') : id);
    const common = {
      name: 'n',
      version: 'v',
      environment: 'prod',
      input: '[{"role":"user","content":"hello"}]',
      output: '[{"content":"world"}]',
      metadata: {
        attributes: expect.stringContaining('"langfuse.release":"r"'),
        resourceAttributes: '{"service.version":"v","deployment.environment":"prod"}',
        scope: expect.stringContaining('"name":"s"'),
      },
    };
    expect(await untilRow(stack.current, 'traces', idOf(traceId))).toMatchObject({
      ...common,
      timestamp: stored(START),
      release: 'r',
      user_id: 'u',
      session_id: 'a-session',
      public: true,
      tags: [],
    });
    const row = await untilRow(stack.current, 'observations', idOf(spanId));
    expect(row).toMatchObject({
      ...common,
      trace_id: idOf(traceId),
      parent_observation_id: null,
      type: 'GENERATION',
      start_time: stored(START),
      end_time: stored(START + 1_500_000_000n),
      level: 'ERROR',
      status_message: 'failed',
      provided_model_name: 'a-model',
      model_parameters: '{"model":"a-model","top_p":0.5}',
      total_cost: 0.25,
    });
    expect(amounts(row.usage_details)).toEqual({ input: 3, output: 4, total: 7 });
  });

  test('integers of protobuf are what was sent, 0 aside; a span below another makes no trace', async (context) => {
    stack.only(context, { until: 'spansAnswer200' });
    const [traceId, spanId] = ids();
    // With the highest bit of its lower half set, at which a library could stumble.
    const start = START + 0x8000_0000n;
    const integer = (key: string, intValue: number | string) => ({ key, value: { intValue } });
    const span = {
      traceId: Buffer.from(traceId, 'hex'),
      spanId: Buffer.from(spanId, 'hex'),
      parentSpanId: Buffer.from(spanId, 'hex'),
      name: 'n',
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start),
      attributes: [integer('a', 5), integer('b', -2), integer('c', '4294967298'), integer('d', 0)],
    };
    const body = encodeSpans([{ scopeSpans: [{ scope: { name: 's' }, spans: [span] }] }]);
    const headers = { 'content-type': 'application/x-protobuf' };
    const sent = await call(stack.current, '/api/public/otel/v1/traces', { method: 'POST', body, headers });
    expect(sent).toMatchObject({ status: 207, json: { successes: [{}], errors: [] } });
    expect(await untilRow(stack.current, 'observations', spanId)).toMatchObject({
      start_time: stored(start),
      parent_observation_id: spanId,
      type: 'SPAN',
      metadata: {
        attributes: '{"a":5,"b":-2,"c":4294967298,"d":"{\\"intValue\\":0}"}',
        resourceAttributes: '{}',
      },
    });
  });
}
