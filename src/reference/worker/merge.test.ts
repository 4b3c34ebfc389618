import { describe, expect, test } from 'vitest';
import { type IngestionEvent, ingestionEvent, type ObservationEvent, type TraceEvent } from '../events.ts';
import {
  deepMerge,
  lastTruthy,
  mergeObservations,
  mergeScores,
  mergeTraces,
  sortByTime,
  toRecord,
} from './merge.ts';
import type { ObservationRow, TraceRow } from './rows.ts';
import { observationVersion, scoreVersion, traceVersion } from './versions.ts';

const NOW = 1_900_000_000_000;
const entity = { projectId: 'p', id: 'x' };
const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
const event = (type: string, second: number, body: object): IngestionEvent =>
  ingestionEvent.parse({ id: `${type}-${second}`, type, timestamp: at(second), body: { id: 'x', ...body } });

/** The trace after events with these bodies, one second apart, on top of a stored row. */
function trace(bodies: object[], stored?: Partial<TraceRow>): TraceRow {
  const versions = bodies.map((body, second) =>
    traceVersion(event('trace-create', second, body) as TraceEvent, entity),
  );
  return mergeTraces(stored ? [{ ...versions[0], ...stored } as TraceRow, ...versions] : versions, NOW);
}

/** The observation after these events, as the worker sorts them. */
function observation(...events: [type: string, second: number, body: object][]): ObservationRow {
  const parsed = events.map(([type, second, body]) =>
    event(type, second, { traceId: 't', ...body }),
  ) as ObservationEvent[];
  return mergeObservations(
    sortByTime(parsed).map((item) => observationVersion(item, entity, null)),
    NOW,
  );
}

describe('the order of events', () => {
  test('is that of their timestamps, with creates first at one time', () => {
    const sorted = sortByTime([
      { id: 'late', timestamp: at(9), type: 'span-create' },
      { id: 'update', timestamp: at(1), type: 'span-update' },
      { id: 'create', timestamp: at(1), type: 'span-create' },
    ]);
    expect(sorted.map(({ id }) => id)).toEqual(['create', 'update', 'late']);
  });

  test('compares times, not texts', () => {
    const sorted = sortByTime([
      { timestamp: '2026-01-01T01:30:00+02:00', type: 'a-create' },
      { timestamp: '2025-12-31T23:00:00Z', type: 'b-create' },
    ]);
    expect(sorted.map(({ type }) => type)).toEqual(['b-create', 'a-create']);
  });
});

describe('a field', () => {
  test('that is missing does not overwrite, that is null does', () => {
    expect(trace([{ name: 'a', userId: 'u' }, { userId: null }])).toMatchObject({ name: 'a', user_id: null });
  });

  test('that is an empty object or array does not overwrite', () => {
    expect(
      trace([
        { tags: ['a'], metadata: { k: 'v' } },
        { tags: [], metadata: {} },
      ]),
    ).toMatchObject({
      tags: ['a'],
      metadata: { k: 'v' },
    });
    const usage = observation(
      ['generation-create', 0, { usageDetails: { input: 1 } }],
      ['generation-update', 1, { usageDetails: {} }],
    );
    expect(usage.provided_usage_details).toEqual({ input: 1 });
  });

  test('that is an object replaces the one before as a whole', () => {
    const { provided_usage_details } = observation(
      ['generation-create', 0, { usageDetails: { input: 1, cached: 2 } }],
      ['generation-update', 1, { usageDetails: { output: 3 } }],
    );
    expect(provided_usage_details).toEqual({ output: 3 });
  });
});

describe('what the first version fixes', () => {
  test('of a trace: timestamp and environment', () => {
    const merged = trace([
      { timestamp: at(30), environment: 'first', name: 'a' },
      { timestamp: at(40), environment: 'second', name: 'b' },
    ]);
    expect(merged).toMatchObject({ timestamp: Date.parse(at(30)), environment: 'first', name: 'b' });
  });

  test('of an observation: trace, start and environment, even if that version is an early update', () => {
    const merged = observation(
      ['span-create', 5, { traceId: 'late', startTime: at(5), environment: 'late', name: 'create' }],
      ['span-update', 1, { traceId: 'early', environment: 'early', name: 'update' }],
    );
    expect(merged).toMatchObject({
      trace_id: 'early',
      start_time: Date.parse(at(1)),
      environment: 'early',
      name: 'create',
    });
  });

  test('of a score: timestamp, trace and environment', () => {
    const score = (second: number, traceId: string, value: number) => {
      const parsed = event('score-create', second, { name: 'n', traceId, value });
      if (parsed.type !== 'score-create') throw new Error();
      return scoreVersion(parsed, entity);
    };
    expect(mergeScores([score(1, 'a', 1), score(2, 'b', 2)], NOW)).toMatchObject({
      timestamp: Date.parse(at(1)),
      trace_id: 'a',
      value: 2,
      data_type: 'NUMERIC',
    });
  });

  test('the stored row comes before all events', () => {
    const merged = trace([{ timestamp: at(30), name: 'new' }], { timestamp: 7, name: 'old', release: 'r' });
    expect(merged).toMatchObject({ timestamp: 7, name: 'new', release: 'r' });
  });
});

describe('metadata', () => {
  test('is merged deeply, arrays by index, and its values become texts', () => {
    const merged = trace([
      { metadata: { list: [1, 2, 3], deep: { a: 1 }, text: 'x' } },
      { metadata: { list: [9], deep: { b: null }, text: 'y' } },
    ]);
    expect(merged.metadata).toEqual({ list: '[9,2,3]', deep: '{"a":1,"b":null}', text: 'y' });
  });

  test('is laid over the texts of the stored row', () => {
    expect(
      trace([{ metadata: { a: { y: 2 } } }], { metadata: { a: '{"x":1}', b: 'kept' } }).metadata,
    ).toEqual({
      a: '{"y":2}',
      b: 'kept',
    });
  });

  test.each([
    ['text', { metadata: 'text' }],
    [7, { metadata: '7' }],
    [[1, 'a'], { metadata: '[1,"a"]' }],
    [0, {}],
    ['', {}],
    [null, {}],
  ])('%j becomes %j', (given, expected) => expect(toRecord(given)).toEqual(expected));

  test('that is a bare true fails the job', () => {
    expect(() => trace([{ metadata: true }])).toThrow('Expected object, received boolean');
  });

  test('keeps a key that every object has', () => {
    expect(deepMerge({ a: 1 }, { constructor: 'x' })).toEqual({ a: 1, constructor: 'x' });
  });
});

test('tags are a sorted union', () => {
  expect(trace([{ tags: ['b', 'c'] }, { tags: ['a', 'b'] }], { tags: ['z'] }).tags).toEqual([
    'a',
    'b',
    'c',
    'z',
  ]);
});

test('each event resets public and bookmarked', () => {
  expect(trace([{ public: true }, { name: 'n' }])).toMatchObject({ public: false, bookmarked: false });
  expect(trace([{}], { public: true, bookmarked: true })).toMatchObject({ public: false, bookmarked: false });
});

describe('input and output', () => {
  test('are the last truthy ones', () => {
    expect(lastTruthy(['a', { b: 1 }, null, 0, false, '', undefined], 'stored')).toBe('{"b":1}');
    expect(lastTruthy([0, false, ''], 'stored')).toBe('stored');
    expect(lastTruthy([0], undefined)).toBeUndefined();
    expect(lastTruthy([{}], 'stored')).toBe('{}');
  });
});

describe('times', () => {
  test('a missing one is that of the envelope', () => {
    expect(trace([{}]).timestamp).toBe(Date.parse(at(0)));
    expect(observation(['span-create', 3, {}]).start_time).toBe(Date.parse(at(3)));
  });

  test('an end before the start is the start', () => {
    const merged = observation(['span-create', 3, { startTime: at(3), endTime: at(1) }]);
    expect(merged.end_time).toBe(Date.parse(at(3)));
  });

  test('the version is the time of processing', () => {
    expect(trace([{}]).event_ts).toBe(NOW);
  });
});

describe('an observation', () => {
  test('without a trace id gets another one each time', () => {
    const [parsed] = [event('span-create', 0, {})] as ObservationEvent[];
    const traceId = () => parsed && observationVersion(parsed, entity, null).trace_id;
    expect(traceId()).not.toBe(traceId());
  });

  test.each(['statusMessage', 'parentObservationId', 'version'])(
    'keeps its %s when a later one is null',
    (field) => {
      const column = { statusMessage: 'status_message', parentObservationId: 'parent_observation_id' }[field];
      const merged = observation(
        ['span-create', 0, { [field]: 'kept' }],
        ['span-update', 1, { [field]: null }],
      );
      expect(merged).toMatchObject({ [column ?? field]: 'kept' });
    },
  );

  test('has the type of its last event', () => {
    const merged = observation(['span-create', 0, {}], ['generation-update', 1, {}]);
    expect(merged.type).toBe('GENERATION');
  });

  test.each([
    [{ usage: { promptTokens: 3, completionTokens: 4 } }, { input: 3, output: 4, total: 7 }],
    [{ usage: { input: 3 } }, { input: 3, total: 3 }],
    [
      { usage: { input: 3 }, usageDetails: { cached: 1 } },
      { input: 3, cached: 1 },
    ],
    [
      { usage: { input: 3, total: 9 }, usageDetails: { input: 4 } },
      { input: 4, total: 9 },
    ],
    [{ usageDetails: { input: 4, output: null } }, { input: 4 }],
  ])('has the usage of %j', (body, expected) => {
    expect(observation(['generation-create', 0, body]).provided_usage_details).toEqual(expected);
  });
});

describe('a score', () => {
  const score = (body: object) => {
    const parsed = event('score-create', 0, { name: 'n', traceId: 't', ...body });
    if (parsed.type !== 'score-create') throw new Error();
    return parsed;
  };

  test.each([
    [{ value: 0.5 }, { value: 0.5, string_value: undefined, data_type: 'NUMERIC' }],
    [{ value: 'a' }, { value: null, string_value: 'a', data_type: 'CATEGORICAL' }],
    [
      { value: 1, dataType: 'BOOLEAN' },
      { value: 1, string_value: 'True', data_type: 'BOOLEAN' },
    ],
    [
      { value: 0, dataType: 'BOOLEAN' },
      { value: 0, string_value: 'False', data_type: 'BOOLEAN' },
    ],
  ])('%j is stored as %j', (body, expected) => {
    expect(scoreVersion(score(body), entity)).toMatchObject(expected);
  });

  test('whose value does not fit its type fails the job', () => {
    const broken = score({ value: 1 });
    Object.assign(broken.body, { dataType: 'CATEGORICAL' });
    expect(() => scoreVersion(broken, entity)).toThrow('Ingested score value type not valid');
  });
});
