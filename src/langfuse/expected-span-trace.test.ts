import { expect, test } from 'vitest';
import { expectedOfSpans } from './expected-span.ts';
import { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import type { SpanEvent } from './otel-events.ts';
import { convertedSpans } from './span-conversion.ts';

const text = (stringValue: string) => ({ stringValue });
const list = (...values: string[]) => ({ arrayValue: { values: values.map(text) } });

/** A span that begins some milliseconds after its trace. */
const span = (spanId: string, after: number, attributes: Record<string, object>, more: object = {}) => ({
  ...{ traceId: 't', spanId, name: 'n' },
  startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(after) * 1_000_000n),
  endTimeUnixNano: '1700000001500000000',
  attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
  ...more,
});
const child = (spanId: string, after: number, attributes: Record<string, object> = {}) =>
  span(spanId, after, attributes, { parentSpanId: 'root' });

/** What the trace of these spans must hold. */
function columnsOf(spans: readonly object[], scope = 'langfuse-sdk') {
  const resource = { attributes: [{ key: 'service.version', value: text('7') }] };
  const body = { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope }, spans }] }] };
  const events = (convertedSpans(body) as SpanEvent[]).filter(({ type }) => type === 'otel-trace');
  return expectedOfSpans(events).columns;
}

const said = {
  'user.id': text('ada'),
  'langfuse.trace.name': text('chat'),
  'langfuse.trace.public': { boolValue: true },
  'langfuse.trace.tags': list('vip', 'beta', 'vip'),
  'langfuse.release': text('r1'),
};
const root = span('root', 0, {
  ...said,
  'langfuse.trace.input': text('hello'),
  'langfuse.trace.metadata.plan': text('gold'),
  'langfuse.observation.output': text('{"a":1}'),
  'langfuse.observation.metadata.step': { intValue: 2 },
});

test('a root alone says all of its trace', () => {
  const columns = columnsOf([root]);
  expect(columns).toEqual({
    ...{ timestamp: 1_700_000_000_000, environment: 'default', public: true, name: 'chat', user_id: 'ada' },
    ...{ session_id: null, release: 'r1', version: '7', tags: ['beta', 'vip'] },
    ...{ input: 'hello', output: '{"a":1}' },
    metadata: expect.any(MergedMetadata),
  });
  const metadata = columns.metadata as MergedMetadata;
  expect(
    metadata.isStoredAs({
      ...{ plan: 'gold', step: '2', resourceAttributes: '{"service.version":"7"}' },
      scope: '{"name":"langfuse-sdk","attributes":{}}',
    }),
  ).toBe(true);
});

test('a tool’s name comes before the span’s, and attributes of another library are metadata', () => {
  const columns = columnsOf([span('root', 0, { 'gen_ai.tool.name': text('search') })], 'library');
  expect(columns).toMatchObject({ name: 'search', user_id: null, public: false, tags: [], input: null });
  expect((columns.metadata as MergedMetadata).keys).toContain('attributes');
});

test('a span that says nothing of its trace may reset whether it is public and fix its time, no more', () => {
  const columns = columnsOf([child('c', 5), root]);
  expect(columns).toMatchObject({
    ...{ timestamp: { from: 1_700_000_000_000, to: 1_700_000_000_005 }, public: NOT_COMPARED },
    ...{
      name: 'chat',
      release: 'r1',
      tags: ['beta', 'vip'],
      input: 'hello',
      metadata: expect.any(MergedMetadata),
    },
  });
});

test('what several say of their trace is compared where they agree', () => {
  expect(columnsOf([child('c', 5, said), root])).toMatchObject({
    ...{ name: 'chat', user_id: 'ada', release: 'r1', version: '7', public: true, tags: ['beta', 'vip'] },
    ...{ input: 'hello', output: '{"a":1}', metadata: NOT_COMPARED },
  });
  const other = {
    'langfuse.trace.tags': list('x'),
    'user.id': text('bob'),
    'langfuse.trace.input': text('y'),
  };
  expect(columnsOf([child('c', 5, other), root])).toMatchObject({
    ...{ name: 'chat', user_id: NOT_COMPARED, release: NOT_COMPARED, tags: NOT_COMPARED },
    ...{ input: NOT_COMPARED, output: '{"a":1}', session_id: null },
  });
});

test('a span that is marked as a root says as much as one', () => {
  const asRoot = child('c', 5, {
    'langfuse.internal.as_root': text('true'),
    'langfuse.observation.input': text('z'),
  });
  expect(columnsOf([asRoot, root])).toMatchObject({
    ...{ name: NOT_COMPARED, input: NOT_COMPARED, metadata: NOT_COMPARED, version: '7' },
  });
});

test('without its root only what all spans set is compared', () => {
  expect(columnsOf([child('c', 5, said)])).toEqual({
    ...{ timestamp: 1_700_000_000_005, environment: 'default', public: true },
  });
});

test('a generation’s prompt is the one it names, or none; another observation has none', () => {
  const promptOf = (type: string) => {
    const given = {
      'langfuse.observation.type': text(type),
      'langfuse.observation.prompt.name': text('greet'),
      'langfuse.observation.prompt.version': { intValue: 3 },
    };
    const scopeSpans = [{ scope: { name: 'langfuse-sdk' }, spans: [span('s', 0, given)] }];
    const [, observation] = convertedSpans({ resourceSpans: [{ scopeSpans }] }) as SpanEvent[];
    return expectedOfSpans([observation as SpanEvent]).columns;
  };
  expect(promptOf('generation')).toMatchObject({ prompt_name: [['greet', 3]] });
  expect(promptOf('tool')).toMatchObject({ prompt_name: [] });
});
