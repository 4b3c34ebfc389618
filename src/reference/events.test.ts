import { describe, expect, test } from 'vitest';
import { entityTypeOf, ingestionEvent, postedScore } from './events.ts';

const envelope = { id: 'e', timestamp: '2026-01-02T03:04:05.678Z' };
const parse = (type: string, body: unknown) => ingestionEvent.safeParse({ ...envelope, type, body });
const bodyOf = (type: string, body: unknown) => {
  const parsed = parse(type, body);
  if (!parsed.success) throw parsed.error;
  return parsed.data.body;
};
const messagesOf = (type: string, body: unknown) =>
  parse(type, body).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the schemas of the events', () => {
  test.each([
    ['trace-create', {}],
    ['event-create', { id: 'o' }],
    ['span-create', { id: 'o' }],
    ['span-update', { id: 'o' }],
    ['generation-create', { id: 'o' }],
    ['generation-update', { id: 'o' }],
    ['score-create', { name: 'n', traceId: 't', value: 1 }],
    ['observation-create', { type: 'SPAN' }],
    ['observation-update', { type: 'EVENT' }],
    ['sdk-log', { log: 'x' }],
  ])('%s takes its smallest body', (type, body) => {
    expect(parse(type, body).success).toBe(true);
  });

  test.each(['event-create', 'span-create', 'span-update', 'generation-create', 'generation-update'])(
    '%s needs a body id that is not empty',
    (type) => {
      expect(messagesOf(type, {})).toEqual(['body.id: Required']);
      expect(messagesOf(type, { id: '' })).toEqual(['body.id: String must contain at least 1 character(s)']);
    },
  );

  test('traces, scores and old observations may lack a body id', () => {
    expect(bodyOf('trace-create', { id: null })).toMatchObject({ id: null });
  });

  test('unknown keys are dropped, and the environment is filled in', () => {
    expect(bodyOf('trace-create', { id: 't', foo: 1 })).toEqual({ id: 't', environment: 'default' });
    expect(bodyOf('observation-create', { type: 'SPAN', environment: 'prod' })).not.toHaveProperty(
      'environment',
    );
  });

  test.each(['langfuse-x', 'Prod', 'a b', ''])('the environment %j is refused', (environment) => {
    expect(messagesOf('trace-create', { environment })?.[0]).toContain("it must not start with 'langfuse'");
  });

  test('an environment has at most 40 characters', () => {
    expect(messagesOf('trace-create', { environment: 'a'.repeat(41) })).toEqual([
      'body.environment: Maximum length is 40 characters',
    ]);
  });

  test('a name has at most 1000 characters in traces only', () => {
    const name = 'n'.repeat(1001);
    expect(parse('trace-create', { name }).success).toBe(false);
    expect(parse('span-create', { id: 'o', name }).success).toBe(true);
  });

  test('a timestamp needs a time, and may have any offset', () => {
    const at = (timestamp: string) =>
      ingestionEvent.safeParse({ ...envelope, timestamp, type: 'trace-create', body: {} }).success;
    expect(at('2026-01-02T03:04:05+02:00')).toBe(true);
    expect(at('2026-01-02')).toBe(false);
  });

  test('a prompt needs name and version, or neither', () => {
    expect(messagesOf('generation-create', { id: 'o', promptName: 'p' })).toEqual(['body: Invalid input']);
    expect(parse('generation-create', { id: 'o', promptName: 'p', promptVersion: 1 }).success).toBe(true);
  });
});

describe('usage', () => {
  const usage = (given: unknown) => bodyOf('generation-create', { id: 'o', usage: given });

  test("OpenAI's form becomes the old form in tokens", () => {
    expect(usage({ promptTokens: 3, completionTokens: 4, inputCost: 1 })).toMatchObject({
      usage: { input: 3, output: 4, total: undefined, unit: 'TOKENS' },
    });
  });

  test('the old form stays, an empty one vanishes, a missing one is null', () => {
    expect(usage({ input: 1, unit: 'CHARACTERS' })).toMatchObject({
      usage: { input: 1, unit: 'CHARACTERS' },
    });
    expect(usage({})).toMatchObject({ usage: undefined });
    expect(usage(undefined)).toMatchObject({ usage: null });
  });

  test('counts are whole', () => {
    expect(messagesOf('generation-create', { id: 'o', usage: { input: 1.5 } })).toEqual([
      'body.usage.input: Expected integer, received float',
    ]);
  });

  test('details may be fractions but not negative', () => {
    const details = (usageDetails: unknown) => parse('generation-create', { id: 'o', usageDetails }).success;
    expect(details({ input: 1.5 })).toBe(true);
    expect(details({ input: -1 })).toBe(false);
  });

  test("OpenAI's details are taken out of the wholes", () => {
    const usageDetails = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached: 4 },
      completion_tokens_details: { reasoning: 9 },
    };
    expect(bodyOf('generation-create', { id: 'o', usageDetails })).toMatchObject({
      usageDetails: { input: 6, input_cached: 4, output: 0, output_reasoning: 9, total: 15 },
    });
  });
});

describe('scores', () => {
  const score = (more: object) => parse('score-create', { name: 'n', traceId: 't', ...more }).success;

  test('the value fits the data type, if there is one', () => {
    expect(score({ value: 0.5, dataType: 'NUMERIC' })).toBe(true);
    expect(score({ value: 'a', dataType: 'NUMERIC' })).toBe(false);
    expect(score({ value: 'a', dataType: 'CATEGORICAL' })).toBe(true);
    expect(score({ value: 2, dataType: 'BOOLEAN' })).toBe(false);
    expect(score({ value: 1, dataType: 'BOOLEAN' })).toBe(true);
    expect(score({ value: 'a' })).toBe(true);
    expect(score({ value: true })).toBe(false);
  });

  test('a posted score may name any environment, and has no source', () => {
    expect(
      postedScore.parse({ name: 'n', traceId: 't', value: 1, environment: 'langfuse', source: 'EVAL' }),
    ).toEqual({ name: 'n', traceId: 't', value: 1, environment: 'langfuse' });
  });
});

test('every type belongs to a kind of entity, but logs', () => {
  expect(entityTypeOf('trace-create')).toBe('trace');
  expect(entityTypeOf('score-create')).toBe('score');
  expect(entityTypeOf('generation-update')).toBe('observation');
  expect(() => entityTypeOf('sdk-log')).toThrow('Unknown event type: sdk-log');
  expect(() => entityTypeOf('event-update')).toThrow();
});
