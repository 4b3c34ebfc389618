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
type Given = Readonly<Record<string, string | boolean | number>>;
const convert = (span: object, resource: Given = { 'service.version': '7' }) =>
  toIngestionEvents({
    resource: { attributes: keyValues(resource) },
    scopeSpans: [{ scope: { name: 's' }, spans: [{ ...root, ...span }] }],
  }) as { type: string; body: Record<string, unknown> }[];
/** Body of the observation of a span with some attributes. */
const bodyOf = (attributes: Given) =>
  convert({ parentSpanId: 'aa', attributes: keyValues(attributes) })[0]?.body;

function keyValues(attributes: Given) {
  return Object.entries(attributes).map(([key, value]) => {
    if (typeof value === 'string') return { key, value: { stringValue: value } };
    return { key, value: typeof value === 'number' ? { intValue: value } : { boolValue: value } };
  });
}

describe('a span', () => {
  test('at the root becomes a trace and an observation, with the hex of the ids as text', () => {
    expect(convert({})).toMatchObject([
      {
        type: 'trace-create',
        body: {
          id: hex(root.traceId),
          timestamp: '2023-11-14T22:13:20.000Z',
          name: 'root',
          version: '7',
          metadata: { attributes: {}, resourceAttributes: { 'service.version': '7' }, scope: { name: 's' } },
          public: false,
          tags: [],
          environment: 'default',
          input: null,
          output: null,
        },
      },
      {
        type: 'span-create',
        body: {
          id: hex(root.spanId),
          traceId: hex(root.traceId),
          parentObservationId: null,
          startTime: '2023-11-14T22:13:20.000Z',
          endTime: '2023-11-14T22:13:21.500Z',
          level: 'DEFAULT',
        },
      },
    ]);
  });

  test('below another becomes an observation only', () => {
    expect(convert({ parentSpanId: 'aa' })).toMatchObject([
      { type: 'span-create', body: { parentObservationId: hex('aa') } },
    ]);
  });

  test('that failed has level ERROR and its message', () => {
    expect(convert({ parentSpanId: 'aa', status: { code: 2, message: 'no' } })).toMatchObject([
      { body: { level: 'ERROR', statusMessage: 'no' } },
    ]);
  });

  test.each([
    ['gen_ai.response.model', 'gpt', 'gpt'],
    ['llm.model_name', 'gpt', 'gpt'],
    ['model', 7, '7'],
    ['openinference.span.kind', 'LLM', undefined],
  ])('with %s %j becomes a generation', (key, value, model) => {
    const attributes = keyValues({ [key]: value });
    expect(convert({ attributes })[1]).toMatchObject({ type: 'generation-create' });
    expect(bodyOf({ [key]: value })?.model).toBe(model);
  });
});

describe('attributes', () => {
  test('of Langfuse are those of the trace', () => {
    const attributes = keyValues({
      'langfuse.release': 'r',
      'langfuse.version': 'v',
      'langfuse.user.id': 'u',
      'session.id': 's',
      'langfuse.public': 'true',
    });
    expect(convert({ attributes })[0]?.body).toMatchObject({
      release: 'r',
      version: 'v',
      userId: 'u',
      sessionId: 's',
      public: true,
    });
  });

  test('of the resource come before those of the span for each name of the environment', () => {
    const attributes = keyValues({ 'deployment.environment.name': 'span' });
    const environment = (resource: Given) => convert({ attributes }, resource)[0]?.body.environment;
    expect(environment({ 'deployment.environment.name': 'resource' })).toBe('resource');
    expect(environment({ 'deployment.environment': 'resource' })).toBe('span');
    expect(environment({ 'langfuse.environment': 'resource' })).toBe('resource');
  });

  test('of a prompt are its name and version', () => {
    expect(bodyOf({ 'langfuse.prompt.name': 'p', 'langfuse.prompt.version': 3 })).toMatchObject({
      promptName: 'p',
      promptVersion: 3,
    });
  });

  test('of a request are model parameters, unless there are invocation parameters', () => {
    const asked = { 'gen_ai.request.model': 'gpt', 'gen_ai.request.top_k': 3 };
    expect(bodyOf(asked)?.modelParameters).toEqual({ model: 'gpt', top_k: 3 });
    expect(bodyOf({ ...asked, 'llm.invocation_parameters': '{"a":1}' })?.modelParameters).toEqual({ a: 1 });
    expect(bodyOf({ ...asked, 'llm.invocation_parameters': '{' })?.modelParameters).toEqual({
      model: 'gpt',
      top_k: 3,
    });
  });

  test('of usage and cost are counted, and what is no number is left out', () => {
    const body = bodyOf({
      'gen_ai.usage.prompt_tokens': 3,
      'gen_ai.usage.output_tokens': '4',
      'gen_ai.usage.cached': 'many',
      'gen_ai.usage.cost': 2,
      'llm.token_count.total_tokens': 7,
      'llm.token_count.audio': 1,
    });
    expect(body).toMatchObject({
      usageDetails: { input: 3, output: 4, total: 7, audio: 1 },
      costDetails: { total: 2 },
    });
    expect(body?.usageDetails).not.toHaveProperty('cached');
    expect(bodyOf({})).toMatchObject({ usageDetails: {}, costDetails: {} });
  });

  test('that are integers as text, as OTLP writes them, are NaN', () => {
    const attributes = [{ key: 'n', value: { intValue: '42' } }];
    expect(convert({ attributes })[0]?.body.metadata).toMatchObject({ attributes: { n: Number.NaN } });
  });
});
