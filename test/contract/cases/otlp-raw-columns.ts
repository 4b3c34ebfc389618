import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { waitUntil } from '../../../src/base/wait-until.ts';
import { encodeSpans } from '../../../src/reference/web/otlp-protobuf.ts';
import { call } from '../support/http.ts';
import { landed, rows, untilEventRow, untilRow } from '../support/look.ts';
import { type ContractStack, RETRIED, TAKES_TRACES } from '../support/target.ts';

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
const RESOURCE = { attributes: [text('service.version', 'v'), text('deployment.environment', 'prod')] };
const START = BigInt(Date.UTC(2026, 4, 5)) * 1_000_000n;
/** What is kept of the attributes: all but those that became input and output, each as text. */
const KEPT = Object.fromEntries(
  ATTRIBUTES.filter(({ key }) => !/^gen_ai\.(prompt|completion)\./.test(key)).map(({ key, value }) => [
    key,
    String(Object.values(value)[0]),
  ]),
);
const COMMON = {
  name: 'n',
  version: 'v',
  environment: 'prod',
  input: '[{"role":"user","content":"hello"}]',
  output: '[{"content":"world"}]',
};
const OF_THE_CALL = {
  type: 'GENERATION',
  level: 'ERROR',
  status_message: 'failed',
  provided_model_name: 'a-model',
  model_parameters: '{"top_p":0.5}',
  total_cost: 0.25,
};

const amounts = (given: unknown) =>
  Object.fromEntries(Object.entries(given as object).map(([kind, amount]) => [kind, Number(amount)]));
const stored = (nanos: bigint) =>
  new Date(Number(nanos / 1_000_000n)).toISOString().replace('T', ' ').replace('Z', '');

/** What the rows of a span of plain OpenTelemetry hold since the worker makes them of the request. */
export function testRawOtlpColumns(stack: ContractStack): void {
  /** Sends one root span; gives its ids. */
  const send = async (form: 'JSON' | 'protobuf') => {
    const [traceId, spanId] = [randomUUID().replaceAll('-', ''), randomUUID().replaceAll('-', '').slice(16)];
    const id = (hex: string) => (form === 'JSON' ? hex : Buffer.from(hex, 'hex'));
    const span = {
      traceId: id(traceId),
      spanId: id(spanId),
      name: 'n',
      startTimeUnixNano: String(START),
      endTimeUnixNano: String(START + 1_500_000_000n),
      status: { code: 2, message: 'failed' },
      attributes: ATTRIBUTES,
    };
    const resourceSpans = [{ resource: RESOURCE, scopeSpans: [{ scope: { name: 's' }, spans: [span] }] }];
    const sent = await call(stack.current, '/api/public/otel/v1/traces', {
      method: 'POST',
      body: form === 'JSON' ? JSON.stringify({ resourceSpans }) : encodeSpans(resourceSpans),
      headers: { 'content-type': form === 'JSON' ? 'application/json' : 'application/x-protobuf' },
    });
    expect(sent.status).toBe(200);
    return { traceId, spanId };
  };

  test.for(['JSON', 'protobuf'] as const)(
    'a plain span of %s, stored raw, has its columns in traces and observations',
    async (form, context) => {
      stack.only(context, { since: 'spansRaw', ...TAKES_TRACES });
      const { traceId, spanId } = await send(form);
      const trace = await untilRow(stack.current, 'traces', traceId);
      expect(trace).toMatchObject({
        ...COMMON,
        timestamp: stored(START),
        release: 'r',
        user_id: 'u',
        session_id: 'a-session',
        public: true,
      });
      const row = await untilRow(stack.current, 'observations', spanId);
      expect(row).toMatchObject({
        ...COMMON,
        ...OF_THE_CALL,
        trace_id: traceId,
        parent_observation_id: null,
        start_time: stored(START),
        end_time: stored(START + 1_500_000_000n),
      });
      expect(amounts(row.usage_details)).toEqual({ input: 3, output: 4, total: 7 });
      for (const { metadata } of [trace, row] as { metadata: Record<string, string> }[]) {
        expect(Object.keys(metadata).sort()).toEqual(['attributes', 'resourceAttributes', 'scope']);
        expect(JSON.parse(metadata.attributes ?? '')).toEqual(KEPT);
        expect(JSON.parse(metadata.resourceAttributes ?? '')).toEqual({
          'service.version': 'v',
          'deployment.environment': 'prod',
        });
        expect(JSON.parse(metadata.scope ?? '')).toEqual({ name: 's', attributes: {} });
      }
    },
  );

  test.for(['JSON', 'protobuf'] as const)(
    'a plain span of %s has its columns in events_full, and no row elsewhere',
    async (form, context) => {
      stack.only(context, { since: 'spansRaw', writeModes: ['events_only'] });
      const { traceId, spanId } = await send(form);
      const row = await untilEventRow(stack.current, spanId);
      expect(row).toMatchObject({
        ...COMMON,
        ...OF_THE_CALL,
        trace_id: traceId,
        parent_span_id: '',
        start_time: `${stored(START)}000`,
        end_time: `${stored(START + 1_500_000_000n)}000`,
        release: 'r',
        user_id: 'u',
        session_id: 'a-session',
        public: true,
        scope_name: 's',
      });
      expect(amounts(row.usage_details)).toEqual({ input: 3, output: 4, total: 7 });
      const names = row.metadata_names as string[];
      expect(names).toContain('attributes.gen_ai.request.model');
      expect((row.metadata_values as string[])[names.indexOf('attributes.gen_ai.request.model')]).toBe(
        'a-model',
      );
      expect(names).toEqual(expect.arrayContaining(['resourceAttributes.service.version', 'scope.name']));
      const core = 'SELECT span_id FROM events_core WHERE span_id = {id: String}';
      // A materialized view fills it, a moment later.
      await waitUntil(
        'a row of events_core',
        async () => (await rows(stack.current, core, { id: spanId })).length === 1,
        RETRIED,
      );
      expect(await landed(stack.current, 'traces', [traceId])).toEqual([]);
      expect(await landed(stack.current, 'observations', [spanId])).toEqual([]);
    },
  );
}
