import { expect, test } from 'vitest';
import { expectedOfSpans } from './expected-span.ts';
import { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import type { SpanEvent } from './otel-events.ts';
import { rowsOfSpans } from './span-rows.ts';

const text = (stringValue: string) => ({ stringValue });

/** What is made of one span with these attributes, instrumented by this library. */
function columnsOf(attributes: Record<string, object>, scope = 'langfuse-sdk', more: object = {}) {
  const span = {
    traceId: 't',
    spanId: 's',
    name: 'n',
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: '1700000001500000000',
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    ...more,
  };
  const [event] =
    rowsOfSpans({ resourceSpans: [{ scopeSpans: [{ scope: { name: scope }, spans: [span] }] }] }) ?? [];
  return expectedOfSpans([event as SpanEvent]).columns;
}

/** What Langfuse sent to ClickHouse on v4.16.0 for such spans, as seen in `events_full`. */
test('a generation of the Langfuse SDK', () => {
  const columns = columnsOf({
    'langfuse.observation.type': text('generation'),
    'langfuse.observation.input': text('[{"role":"user"}]'),
    'langfuse.observation.model.name': text('gpt-4o'),
    'langfuse.observation.model.parameters': text('{"temperature":0.2,"stop":["END"]}'),
    'langfuse.observation.usage_details': text('{"input":7,"output":2}'),
    'langfuse.observation.metadata.client': text('{"beta":true}'),
    'langfuse.trace.tags': { arrayValue: { values: [text('vip'), text('beta')] } },
    'langfuse.trace.name': text('chat'),
    'user.id': text('ada'),
    'langfuse.environment': text('Langfuse-Prod'),
  });
  expect(columns).toMatchObject({
    type: 'GENERATION',
    start_time: 1_700_000_000_123,
    input: '[{"role":"user"}]',
    output: null,
    model_parameters: '{"temperature":0.2,"stop":"[\\"END\\"]"}',
    provided_usage_details: { input: 7, output: 2 },
    usage_details: { input: 7, output: 2, total: 9 },
    cost_details: NOT_COMPARED,
    tags: ['vip', 'beta'],
    trace_name: 'chat',
    user_id: 'ada',
    environment: 'prod',
  });
  expect(columns.metadata).toEqual(
    new MergedMetadata(['scope.name', 'client'], ['langfuse-sdk', '{"beta":true}']),
  );
});

test('a library after OpenTelemetry’s conventions: its attributes are metadata, its messages are not', () => {
  const columns = columnsOf(
    {
      'gen_ai.operation.name': text('chat'),
      'gen_ai.request.model': text('gpt-4o'),
      'gen_ai.request.max_tokens': { intValue: '9' },
      'gen_ai.usage.input_tokens': { intValue: 7 },
      'gen_ai.prompt.0.content': text('hi'),
    },
    'llm',
  );
  expect(columns).toMatchObject({
    type: 'GENERATION',
    model_parameters: '{"max_tokens":9}',
    provided_usage_details: { input: 7 },
    input: '[{"content":"hi"}]',
    output: '{}',
  });
  expect((columns.metadata as MergedMetadata).keys).not.toContain('attributes.gen_ai.prompt.0.content');
  expect((columns.metadata as MergedMetadata).keys).toContain('attributes.gen_ai.usage.input_tokens');
});

test('what only the target, or a convention that is not known here, decides is not compared', () => {
  expect(columnsOf({ 'ai.prompt': text('x'), 'ai.operationId': text('ai.embed') }, 'ai')).toMatchObject({
    ...{ name: NOT_COMPARED, type: NOT_COMPARED, input: NOT_COMPARED, model_parameters: NOT_COMPARED },
    provided_usage_details: NOT_COMPARED,
  });
  const tools = columnsOf({ 'gen_ai.tool.definitions': text('[]') }, 'llm');
  expect(tools).toMatchObject({ metadata: NOT_COMPARED, input: NOT_COMPARED });
  expect(columnsOf({ 'gen_ai.usage.details.cache_read_tokens': { intValue: 1 } }, 'llm')).toMatchObject({
    usage_details: NOT_COMPARED,
  });
});
