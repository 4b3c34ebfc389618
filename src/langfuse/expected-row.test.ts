import { expect, test } from 'vitest';
import type { EntityKind, EventType } from './events.ts';
import { type ExpectedRow, expectedRow, RANDOM_ID } from './expected-row.ts';
import { comesBefore, mergeOrders, type TimedEvent } from './merge-order.ts';
import { NOT_COMPARED } from './not-compared.ts';
import { rowDifferences, rowHolds } from './stored-form.ts';
import type { StoredRow } from './stored-row.ts';
import { parseTime } from './time-text.ts';

const START = Date.UTC(2026, 0, 1);

function timed(type: EventType, body: Record<string, unknown>, second: number): TimedEvent {
  const at = START + second * 1000;
  return { event: { id: `e${second}`, timestamp: new Date(at).toISOString(), type, body }, from: at, to: at };
}

/** The merged row of events of one type, a second apart, the first of them processed first. */
function merged<Kind extends EntityKind>(kind: Kind, type: EventType, ...bodies: Record<string, unknown>[]) {
  const events = bodies.map((body, second) => timed(type, { id: 'it', traceId: 't', ...body }, second));
  return expectedRow(kind, events, events[0] as TimedEvent) as Extract<ExpectedRow, { kind: Kind }>;
}
const trace = (...bodies: Record<string, unknown>[]) => merged('trace', 'trace-create', ...bodies);
const generation = (...bodies: Record<string, unknown>[]) =>
  merged('observation', 'generation-create', ...bodies);
const score = (...bodies: Record<string, unknown>[]) =>
  merged('score', 'score-create', ...bodies.map((body) => ({ name: 'n', ...body })));
const asObject = ({ keys, values }: { keys: readonly string[]; values: readonly string[] }) =>
  Object.fromEntries(keys.map((key, at) => [key, values[at]]));

test('an absent field leaves what was there, null overwrites it', () => {
  expect(trace({ name: 'a', userId: 'u' }, {})).toMatchObject({ name: 'a', user_id: 'u' });
  expect(trace({ name: 'a', userId: 'u' }, { name: null, userId: null })).toMatchObject({
    name: '',
    user_id: null,
  });
  expect(trace({}, { release: 'r', version: 'v', sessionId: 's' })).toMatchObject({
    release: 'r',
    version: 'v',
    session_id: 's',
  });
});

test('some fields of an observation are left even by null', () => {
  const before = {
    parentObservationId: 'p',
    statusMessage: 's',
    version: 'v',
    endTime: '2026-01-01T01:00:00Z',
  };
  const nulls = { parentObservationId: null, statusMessage: null, version: null, endTime: null };
  expect(generation(before, nulls)).toMatchObject({
    parent_observation_id: 'p',
    status_message: 's',
    version: 'v',
    end_time: Date.UTC(2026, 0, 1, 1),
  });
  expect(generation({ level: 'ERROR', model: 'm' }, { level: null, model: null })).toMatchObject({
    level: 'DEFAULT',
    provided_model_name: null,
  });
});

test('time, environment and trace are fixed by the event that was processed first', () => {
  const create = timed(
    'span-create',
    { id: 'o', traceId: 't', environment: 'prod', startTime: '2026-01-01T00:00:00Z' },
    1,
  );
  const update = timed('span-update', { id: 'o', traceId: 'u' }, 2);
  expect(expectedRow('observation', [create, update], create)).toMatchObject({
    start_time: START,
    environment: 'prod',
    trace_id: 't',
  });
  expect(expectedRow('observation', [create, update], update)).toMatchObject({
    start_time: START + 2000,
    environment: 'default',
    trace_id: 'u',
  });
});

test('an observation without a trace gets a random one; the old form has no environment', () => {
  expect(merged('observation', 'span-create', { traceId: null }).trace_id).toBe(RANDOM_ID);
  expect(merged('observation', 'span-create', { traceId: '' }).trace_id).toBe('it');
  expect(merged('observation', 'observation-create', { type: 'SPAN', environment: 'prod' })).toMatchObject({
    environment: 'default',
    type: 'SPAN',
  });
});

test('every trace event sets public, so one that says nothing resets it', () => {
  expect(trace({ public: true }).public).toBe(true);
  expect(trace({ public: true }, {}).public).toBe(false);
});

test('tags are united and sorted', () => {
  expect(trace({ tags: ['b', 'a', 'b'] }, {}, { tags: ['c', 'a'] }, { tags: null }).tags).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('input and output are the last that says anything, as text', () => {
  expect(
    trace({ input: 'first', output: { a: 1 } }, { input: 0, output: '' }, { input: false, output: null }),
  ).toMatchObject({
    input: 'first',
    output: '{"a":1}',
  });
  expect(trace({ input: 0, output: '' })).toMatchObject({ input: null, output: null });
});

test('metadata is merged deeply, then each value becomes text', () => {
  const { metadata } = trace(
    { metadata: { a: { x: 1, list: [1, 2, 3] }, b: 'text', n: 1 } },
    { metadata: { a: { y: null, list: [9] }, n: null } },
  );
  expect(asObject(metadata)).toEqual({ a: '{"x":1,"list":[9,2,3],"y":null}', b: 'text', n: 'null' });
});

test('metadata that is no object comes under a key of its own, or leaves nothing', () => {
  expect(asObject(trace({ metadata: 'text' }).metadata)).toEqual({ metadata: 'text' });
  expect(asObject(trace({ metadata: 7 }).metadata)).toEqual({ metadata: '7' });
  expect(asObject(trace({ metadata: ['a', 1] }).metadata)).toEqual({ metadata: '["a",1]' });
  for (const nothing of [null, '', 0, false, true]) {
    expect(asObject(trace({ metadata: nothing }).metadata)).toEqual({});
  }
});

test('metadata of many keys is merged as that of few', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`k${n}`, { a: n }]));
  const { metadata } = trace({ metadata: many }, { metadata: { k39: { b: 1 }, extra: 'x' } });
  expect(metadata.keys).toHaveLength(41);
  expect(asObject(metadata)).toMatchObject({ k0: '{"a":0}', k39: '{"a":39,"b":1}', extra: 'x' });
});

test('what ended before it began, ended when it began', () => {
  const times = { startTime: '2026-01-01T00:00:05Z', endTime: '2026-01-01T00:00:01Z' };
  expect(generation(times).end_time).toBe(START + 5000);
});

test.each([
  [{ usage: { input: 1, output: 2 } }, { input: 1, output: 2, total: 3 }],
  [{ usage: { input: 1 } }, { input: 1, total: 1 }],
  [{ usage: { input: 0, output: 2 } }, { input: 0, output: 2, total: 0 }],
  [{ usage: { input: 1, output: 2, total: 9 } }, { input: 1, output: 2, total: 9 }],
  [{ usage: { promptTokens: 1, completionTokens: 2, totalTokens: 4 } }, { input: 1, output: 2, total: 4 }],
  [
    { usage: { input: 1, output: 2 }, usageDetails: { cached: 5 } },
    { input: 1, output: 2, cached: 5 },
  ],
  [{ usageDetails: { input: 3, other: null } }, { input: 3 }],
  [
    {
      usageDetails: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached: 4 },
      },
    },
    { input: 6, output: 5, total: 15, input_cached: 4 },
  ],
  [{}, {}],
])('usage %j', (body, provided) => {
  expect(generation(body).provided_usage_details).toEqual(provided);
});

test('usage gets a total if none was given; the last that gives any replaces all', () => {
  expect(generation({ usageDetails: { input: 3, cached: 4 } }).usage_details).toEqual({
    input: 3,
    cached: 4,
    total: 7,
  });
  const both = generation(
    { usageDetails: { input: 3, cached: 4 } },
    { usageDetails: { output: 1 } },
    { usageDetails: {} },
  );
  expect(both.usage_details).toEqual({ output: 1, total: 1 });
  expect(generation({ usage: { input: -1, output: 2 } }).provided_usage_details).toEqual({
    output: 2,
    total: 1,
  });
});

test('costs get a total only where input and output are all there is', () => {
  expect(generation({ costDetails: { input: 1, output: 0.5 } })).toMatchObject({
    cost_details: { input: 1, output: 0.5, total: 1.5 },
    total_cost: 1.5,
  });
  expect(generation({ costDetails: { input: 1, cached: 2 } })).toMatchObject({
    cost_details: { input: 1, cached: 2 },
    total_cost: null,
  });
  expect(generation({ usage: { inputCost: 1, totalCost: 4 } })).toMatchObject({
    provided_cost_details: { input: 1, total: 4 },
    total_cost: 4,
  });
  expect(generation({})).toMatchObject({ cost_details: {}, total_cost: null });
});

test('what the target may count and charge for a model is not compared, what was given is', () => {
  expect(generation({ model: 'm' })).toMatchObject({
    usage_details: NOT_COMPARED,
    cost_details: NOT_COMPARED,
    total_cost: NOT_COMPARED,
    provided_usage_details: {},
  });
  expect(generation({ model: 'm', usageDetails: { input: 1 }, costDetails: { input: 2 } })).toMatchObject({
    usage_details: { input: 1, total: 1 },
    cost_details: { input: 2, total: 2 },
    total_cost: 2,
  });
});

test('fields that a type does not take are dropped', () => {
  const body = {
    endTime: '2026-01-01T01:00:00Z',
    model: 'm',
    usageDetails: { input: 1 },
    costDetails: { input: 1 },
    promptName: 'p',
    promptVersion: 1,
    completionStartTime: '2026-01-01T01:00:00Z',
    modelParameters: { a: 1 },
    type: 'GENERATION',
  };
  const nothing = {
    provided_model_name: null,
    model_parameters: null,
    provided_usage_details: {},
    provided_cost_details: {},
    completion_start_time: null,
    prompt_name: [],
  };
  expect(merged('observation', 'event-create', body)).toMatchObject({
    ...nothing,
    end_time: null,
    type: 'EVENT',
  });
  expect(merged('observation', 'span-create', body)).toMatchObject({
    ...nothing,
    type: 'SPAN',
    end_time: START + 3_600_000,
  });
  expect(merged('observation', 'observation-create', body)).toMatchObject({
    provided_model_name: 'm',
    model_parameters: '{"a":1}',
    provided_usage_details: { input: 1 },
    provided_cost_details: {},
    prompt_name: [],
    type: 'GENERATION',
  });
  expect(generation(body)).toMatchObject({ prompt_name: [['p', 1]], provided_cost_details: { input: 1 } });
});

test('scores', () => {
  expect(score({ value: 0.5 })).toMatchObject({
    value: 0.5,
    string_value: null,
    data_type: 'NUMERIC',
    source: 'API',
  });
  expect(score({ value: 1, dataType: 'BOOLEAN' })).toMatchObject({
    value: 1,
    string_value: 'True',
    data_type: 'BOOLEAN',
  });
  expect(score({ value: 'good' })).toMatchObject({
    value: 0,
    string_value: 'good',
    data_type: 'CATEGORICAL',
  });
  // A number leaves the text of the category that was there.
  expect(score({ value: 'good' }, { value: 2 })).toMatchObject({
    value: 2,
    string_value: 'good',
    data_type: 'NUMERIC',
  });
});

test('creates come before updates of the same time; otherwise one time has no order', () => {
  const create = timed('span-create', {}, 1);
  const update = timed('span-update', {}, 1);
  const other = timed('span-update', {}, 1);
  expect(comesBefore(create, update)).toBe(true);
  expect(comesBefore(update, create)).toBe(false);
  expect(comesBefore(update, other)).toBe(false);
  expect([...mergeOrders([update, create, other])]).toEqual([
    [create, update, other],
    [create, other, update],
  ]);
  expect([...mergeOrders([timed('span-create', {}, 2), create])]).toHaveLength(1);
});

test('times are read in both forms and cut to milliseconds', () => {
  expect(parseTime('2026-01-01T00:00:01.234Z')).toBe(START + 1234);
  expect(parseTime('2026-01-01T02:00:01.2345+02:00')).toBe(START + 1234);
  expect(parseTime('2026-01-01 00:00:01.234')).toBe(START + 1234);
  expect(parseTime('2026-01-01 00:00:01.234567')).toBe(START + 1234);
  expect(parseTime('1969-12-31 23:59:59.999')).toBe(-1);
  for (const none of [
    '',
    'soon',
    '2026-13-01 00:00:00.000',
    '2026-01-01 25:00:00.000',
    '2026-01-01T0x:00:00.000Z',
    null,
    5,
  ]) {
    expect(parseTime(none)).toBeNaN();
  }
});

/** A row that holds exactly what is expected. */
const ROWS = {
  trace: {
    expected: trace({
      name: 'n',
      userId: 'u',
      sessionId: 's',
      release: 'r',
      version: 'v',
      tags: ['a'],
      metadata: { k: 1 },
      input: 'i',
      output: 'o',
      public: true,
    }),
    row: {
      timestamp: '2026-01-01 00:00:00.000',
      environment: 'default',
      name: 'n',
      user_id: 'u',
      session_id: 's',
      release: 'r',
      version: 'v',
      public: true,
      tags: ['a'],
      metadata: { k: '1' },
      input: 'i',
      output: 'o',
    },
  },
  observation: {
    expected: generation({
      startTime: '2026-01-01T00:00:01Z',
      endTime: '2026-01-01T00:00:03Z',
      completionStartTime: '2026-01-01T00:00:02Z',
      parentObservationId: 'p',
      statusMessage: 'm',
      model: 'gpt',
      modelParameters: { a: 1 },
      usageDetails: { input: 2 },
      costDetails: { input: 0.1, output: 0.2 },
      promptName: 'prompt',
      promptVersion: 3,
    }),
    row: {
      start_time: '2026-01-01 00:00:01.000',
      environment: 'default',
      trace_id: 't',
      type: 'GENERATION',
      name: '',
      parent_observation_id: 'p',
      end_time: '2026-01-01 00:00:03.000',
      completion_start_time: '2026-01-01 00:00:02.000',
      level: 'DEFAULT',
      status_message: 'm',
      version: null,
      metadata: {},
      input: null,
      output: null,
      provided_model_name: 'gpt',
      model_parameters: '{"a":1}',
      provided_usage_details: { input: '2' },
      usage_details: { input: '2', total: '2' },
      provided_cost_details: { input: '0.1', output: '0.2' },
      // 0.1 + 0.2, of which ClickHouse keeps twelve places.
      cost_details: { input: '0.1', output: '0.2', total: '0.3' },
      total_cost: '0.3',
      prompt_name: 'prompt',
      prompt_version: 3,
    },
  },
  score: {
    expected: score({ value: 'good', observationId: 'o', comment: 'c' }),
    row: {
      timestamp: '2026-01-01 00:00:00.000',
      environment: 'default',
      trace_id: 't',
      observation_id: 'o',
      name: 'n',
      value: 0,
      string_value: 'good',
      data_type: 'CATEGORICAL',
      source: 'API',
      comment: 'c',
    },
  },
} as const;

test.each(['trace', 'observation', 'score'] as const)('every column of a %s can be wrong, alone', (kind) => {
  const { expected, row } = ROWS[kind];
  const stored = (columns: Record<string, unknown>): StoredRow => ({
    kind,
    project_id: 'p',
    id: 'it',
    event_ts: '',
    is_deleted: 0,
    ...columns,
  });
  expect(rowDifferences(stored(row), expected)).toEqual([]);
  expect(rowHolds(stored(row), expected)).toBe(true);
  const compared = Object.keys(expected).filter((column) => column !== 'kind');
  expect(compared.filter((column) => !(column in row))).toEqual([]);
  for (const column of Object.keys(row)) {
    for (const wrong of ['wrong', 99, undefined, ['wrong'], { wrong: '1' }, '2026-01-01 00:00:09.000']) {
      const changed = stored({ ...row, [column]: wrong });
      expect(rowHolds(changed, expected), `${column} ${JSON.stringify(wrong)}`).toBe(false);
      expect(rowDifferences(changed, expected), column).not.toEqual([]);
    }
  }
});

test('a prompt is there whole or not at all, and a null is no empty text', () => {
  const { expected, row } = ROWS.observation;
  const holds = (columns: Record<string, unknown>) =>
    rowHolds(
      { kind: 'observation', project_id: 'p', id: 'o', event_ts: '', is_deleted: 0, ...row, ...columns },
      expected,
    );
  expect(holds({ prompt_name: null, prompt_version: null })).toBe(true);
  expect(holds({ prompt_version: null })).toBe(false);
  expect(holds({ prompt_name: null })).toBe(false);
  expect(holds({ input: '' })).toBe(false);
  expect(holds({ total_cost: '0.300000000002' })).toBe(false);
  expect(holds({ usage_details: { input: '2', total: '2', extra: '1' } })).toBe(false);
  expect(holds({ usage_details: { input: '2' } })).toBe(false);
});
