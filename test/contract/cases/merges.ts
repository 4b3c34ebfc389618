import { randomUUID } from 'node:crypto';
import { event } from '../support/events.ts';

/** One statement about how the events of an entity become its row. */
export interface MergeCase {
  readonly says: string;
  readonly table: 'traces' | 'observations' | 'scores';
  readonly id: string;
  /** Sent in one request. */
  readonly first: readonly object[];
  /** Sent in a further request, after the row of the first one has landed. */
  readonly second?: readonly object[];
  /** What its row must hold. */
  readonly row: object;
}

const at = (second: number) => new Date(1_780_000_000_000 + second * 1000);
const time = (second: number) => at(second).toISOString();
const stored = (second: number) => time(second).replace('T', ' ').replace('Z', '');
type Body = Readonly<Record<string, unknown>>;
/** A body and the second of its envelope; a type where it is not the table's own. */
type Part = readonly [second: number, body: Body, type?: string];

const TYPE = { traces: 'trace-create', observations: 'span-create', scores: 'score-create' } as const;
const BODY = {
  traces: {},
  observations: { traceId: 'a-trace' },
  scores: { traceId: 'a-trace', name: 'n', value: 1 },
} as const;

function merge(
  says: string,
  table: MergeCase['table'],
  first: readonly Part[],
  row: object,
  second: readonly Part[] = [],
): MergeCase {
  const id = randomUUID();
  const events = (parts: readonly Part[]) =>
    parts.map(([second, body, type = TYPE[table]]) =>
      event(type, { id, ...BODY[table], ...body }, at(second)),
    );
  return { says, table, id, first: events(first), second: events(second), row };
}

/** Each has one entity of its own, so that all can be sent together. */
export const MERGES: readonly MergeCase[] = [
  merge(
    'what an event leaves out stays',
    'traces',
    [
      [1, { name: 'a', userId: 'u' }],
      [2, {}],
    ],
    { name: 'a', user_id: 'u' },
  ),
  merge(
    'null overwrites; a name comes out empty',
    'traces',
    [
      [1, { name: 'a', userId: 'u', release: 'r', version: 'v', sessionId: null }],
      [2, { name: null, userId: null, release: null, version: null }],
    ],
    { name: '', user_id: null, release: null, version: null, session_id: null },
  ),
  merge(
    'empty metadata and tags overwrite nothing',
    'traces',
    [
      [1, { metadata: { a: 1 }, tags: ['x'] }],
      [2, { metadata: {}, tags: [] }],
    ],
    { metadata: { a: '1' }, tags: ['x'] },
  ),
  merge(
    'timestamp and environment are those of the first event by envelope',
    'traces',
    [
      [2, { timestamp: time(9), environment: 'late' }],
      [1, { timestamp: time(5), environment: 'early' }],
    ],
    { timestamp: stored(5), environment: 'early' },
  ),
  merge(
    'the stored row comes before all events',
    'traces',
    [[5, { timestamp: time(5), environment: 'stored' }]],
    { timestamp: stored(5), environment: 'stored', name: 'early' },
    [[1, { timestamp: time(5), environment: 'early', name: 'early' }]],
  ),
  merge('a trace without a timestamp gets that of its envelope', 'traces', [[3, {}]], {
    timestamp: stored(3),
  }),
  merge(
    'metadata is merged in depth, lists index by index, and its values become text',
    'traces',
    [
      [1, { metadata: { deep: { a: 1 }, list: [1, 2], text: 't', none: null } }],
      [2, { metadata: { deep: { b: 2 }, list: [9] } }],
    ],
    { metadata: { deep: '{"a":1,"b":2}', list: '[9,2]', text: 't', none: 'null' } },
  ),
  merge('metadata that is a text', 'traces', [[1, { metadata: 'text' }]], { metadata: { metadata: 'text' } }),
  merge('metadata that is a list', 'traces', [[1, { metadata: ['a', 1] }]], {
    metadata: { metadata: '["a",1]' },
  }),
  merge(
    'tags are a sorted set',
    'traces',
    [
      [1, { tags: ['b', 'a'] }],
      [2, { tags: ['c', 'a'] }],
    ],
    { tags: ['a', 'b', 'c'] },
  ),
  merge(
    'input and output are the last that are not falsy',
    'traces',
    [
      [1, { input: 'one', output: { a: 1 } }],
      [2, { input: '', output: 0 }],
      [3, { input: false, output: null }],
    ],
    { input: 'one', output: '{"a":1}' },
  ),
  merge('0, false and empty input are never stored', 'traces', [[1, { input: 0, output: false }]], {
    input: null,
    output: null,
  }),
  merge(
    'each event of a trace resets public',
    'traces',
    [
      [1, { public: true }],
      [2, {}],
    ],
    { public: false, bookmarked: false },
  ),
  merge(
    'of two events at one time the create goes first',
    'observations',
    [
      [1, { name: 'updated' }, 'span-update'],
      [1, { name: 'created' }],
    ],
    { name: 'updated' },
  ),
  merge(
    'an update before its create fixes start, trace and environment',
    'observations',
    [
      [1, { traceId: 'updated', startTime: time(8), environment: 'updated' }, 'span-update'],
      [2, { traceId: 'created', startTime: time(7), environment: 'created' }],
    ],
    { trace_id: 'updated', start_time: stored(8), environment: 'updated' },
  ),
  merge(
    'an observation without a start begins at its envelope, with level DEFAULT',
    'observations',
    [[4, {}]],
    { start_time: stored(4), level: 'DEFAULT', end_time: null, type: 'SPAN' },
  ),
  merge(
    'an observation that ends before it begins ends when it begins',
    'observations',
    [[1, { startTime: time(5), endTime: time(2) }]],
    { end_time: stored(5) },
  ),
  merge(
    'an observation has its columns',
    'observations',
    [
      [
        1,
        {
          startTime: time(1),
          endTime: time(3),
          completionStartTime: time(2),
          name: 'n',
          level: 'WARNING',
          statusMessage: 'm',
          version: 'v',
          parentObservationId: 'p',
          environment: 'e',
          model: 'an-unknown-model',
          modelParameters: { temperature: 0.5, stop: ['a'] },
          promptName: 'no-such-prompt',
          promptVersion: 1,
        },
        'generation-create',
      ],
    ],
    {
      type: 'GENERATION',
      start_time: stored(1),
      end_time: stored(3),
      completion_start_time: stored(2),
      name: 'n',
      level: 'WARNING',
      status_message: 'm',
      version: 'v',
      parent_observation_id: 'p',
      environment: 'e',
      provided_model_name: 'an-unknown-model',
      model_parameters: '{"temperature":0.5,"stop":["a"]}',
      prompt_name: null,
      prompt_version: null,
      internal_model_id: null,
    },
  ),
  merge('an event-create is an EVENT', 'observations', [[1, {}, 'event-create']], { type: 'EVENT' }),
  merge(
    'an observation-create has the type of its body and no environment of its own',
    'observations',
    [[1, { type: 'GENERATION', environment: 'other', name: 'old' }, 'observation-create']],
    { type: 'GENERATION', environment: 'default', name: 'old' },
  ),
  merge(
    'details of usage in the form of OpenAI are taken apart',
    'observations',
    [
      [
        1,
        {
          usageDetails: {
            prompt_tokens: 5,
            completion_tokens: 3,
            total_tokens: 8,
            prompt_tokens_details: { cached_tokens: 2 },
          },
        },
        'generation-create',
      ],
    ],
    { usage_details: { input: 3, input_cached_tokens: 2, output: 3, total: 8 } },
  ),
  merge('usage gets a total', 'observations', [[1, { usageDetails: { a: 1, b: 2 } }, 'generation-create']], {
    provided_usage_details: { a: 1, b: 2 },
    usage_details: { a: 1, b: 2, total: 3 },
  }),
  merge(
    'costs of the old form',
    'observations',
    [[1, { usage: { input: 1, inputCost: 0.5, outputCost: 0.25, unit: 'TOKENS' } }, 'generation-create']],
    {
      provided_cost_details: { input: 0.5, output: 0.25 },
      cost_details: { input: 0.5, output: 0.25, total: 0.75 },
    },
  ),
  merge(
    'costs of other kinds get no total',
    'observations',
    [[1, { costDetails: { other: 0.5 } }, 'generation-create']],
    { cost_details: { other: 0.5 }, total_cost: null },
  ),
  merge(
    'a score has the time of its envelope, and source API',
    'scores',
    [[6, { observationId: 'o', comment: 'c', environment: 'e' }]],
    {
      timestamp: stored(6),
      source: 'API',
      trace_id: 'a-trace',
      observation_id: 'o',
      comment: 'c',
      environment: 'e',
      name: 'n',
      value: 1,
    },
  ),
  merge(
    'a score keeps time and trace of its first event',
    'scores',
    [
      [1, { value: 1 }],
      [2, { value: 2, traceId: 'other' }],
    ],
    { timestamp: stored(1), trace_id: 'a-trace', value: 2 },
  ),
  merge('a score that is true', 'scores', [[1, { value: 1, dataType: 'BOOLEAN' }]], {
    value: 1,
    string_value: 'True',
    data_type: 'BOOLEAN',
  }),
  merge('a score in words', 'scores', [[1, { value: 'good' }]], {
    value: 0,
    string_value: 'good',
    data_type: 'CATEGORICAL',
  }),
];
