import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createRandom } from '../../base/random.ts';
import { entityOf, type IngestionEvent } from '../../langfuse/events.ts';
import { markOfComment, marksOfMetadata } from '../../langfuse/mark.ts';
import type { GeneratedTraffic } from '../../scenario/scenario.ts';
import type { PlannedRequest } from '../request.ts';
import { generateTraffic } from './generator.ts';

/** A few hundred events at most: what holds for them holds for more. */
const anyTraffic = fc
  .record({
    kind: fc.constant('generated' as const),
    rate: fc.integer({ min: 1, max: 5000 }),
    events: fc.integer({ min: 0, max: 600 }),
    maxBatch: fc.integer({ min: 1, max: 100 }),
    maxBytes: fc.constantFrom(1, 40, 200, 5000, 100_000),
  })
  .map(({ events, ...traffic }) => ({ ...traffic, duration: events / traffic.rate }));
const anySeed = fc.string({ maxLength: 12 });

const make = (traffic: GeneratedTraffic, seed: string) => {
  const made = generateTraffic(traffic, createRandom(seed));
  const requests = [...made.requests];
  const events = requests.flatMap(
    (request) => (JSON.parse(request.body) as { batch: IngestionEvent[] }).batch,
  );
  return { ...made, requests, events };
};
/** A property over generated traffic. */
const holds = (property: (made: ReturnType<typeof make>, traffic: GeneratedTraffic) => void) =>
  fc.assert(
    fc.property(anyTraffic, anySeed, (traffic, seed) => property(make(traffic, seed), traffic)),
    { numRuns: 25 },
  );

const USUAL: GeneratedTraffic = {
  kind: 'generated',
  rate: 1000,
  duration: 4,
  maxBatch: 100,
  maxBytes: 100_000,
};
const usual = make(USUAL, 'usual');

test('the same seed gives the same bytes at the same times, another seed others', () => {
  fc.assert(
    fc.property(anyTraffic, anySeed, (traffic, seed) => {
      expect(make(traffic, seed).requests).toEqual(make(traffic, seed).requests);
      const ids = new Set(make(traffic, seed).events.flatMap((event) => [event.id, event.body.id]));
      for (const event of make(traffic, `${seed}+`).events) {
        expect(ids.has(event.id) || ids.has(event.body.id)).toBe(false);
      }
    }),
    { numRuns: 15 },
  );
});

test('where its time begins is told moves every time in it, and nothing else', () => {
  const moved = make({ ...USUAL, startsAt: '2025-03-11T23:59:58Z' }, 'usual');
  const hours = 41.5 + 29.5 / 60 + 28 / 3600;
  for (const [at, event] of usual.events.entries()) {
    const shift = Date.parse(moved.events[at]?.timestamp ?? '') - Date.parse(event.timestamp);
    expect(shift / 3_600_000).toBeCloseTo(hours, 9);
  }
  const withoutTimes = (requests: readonly PlannedRequest[]) =>
    requests.map(({ body }) => body.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time'));
  expect(withoutTimes(moved.requests)).toEqual(withoutTimes(usual.requests));
});

test('bounds: number of events, sizes of requests and of texts, schedule', () => {
  holds(({ requests, events, totalEvents, durationMs }, { rate, maxBatch, maxBytes }) => {
    expect(events).toHaveLength(totalEvents);
    let sent = 0;
    for (const { at, body, eventIds } of requests) {
      expect(at).toBeCloseTo((sent / rate) * 1000, 6);
      expect(eventIds.length).toBeGreaterThanOrEqual(1);
      expect(eventIds.length).toBeLessThanOrEqual(maxBatch);
      expect(Buffer.byteLength(body)).toBeLessThan(4_500_000);
      sent += eventIds.length;
    }
    expect((requests.at(-1) as PlannedRequest).at).toBeLessThan(durationMs);
    for (const { body } of events) {
      for (const content of [body.input, body.output].filter((value) => value !== undefined)) {
        const stored = typeof content === 'string' ? content : JSON.stringify(content);
        expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(maxBytes);
      }
    }
  });
});

test('every event carries the mark of its number, and is named in its request', () => {
  holds(({ requests, events }) => {
    for (const [number, { type, body }] of events.entries()) {
      const marks = type === 'score-create' ? [markOfComment(body.comment)] : marksOfMetadata(body.metadata);
      expect(marks).toEqual([number]);
    }
    expect(requests.flatMap((request) => request.eventIds)).toEqual(events.map((event) => event.id));
  });
});

test('ids are unique and safe in a path; all references lead to entities of the run', () => {
  holds(({ events }) => {
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    const entities = new Set(events.map(entityOf));
    for (const { id, type, body } of events) {
      for (const name of [id, body.id, body.sessionId ?? 's', body.userId ?? 'u'])
        expect(name).toMatch(/^[\w-]+$/);
      if (type !== 'trace-create') expect(entities).toContain(`trace/${body.traceId}`);
      for (const other of [body.parentObservationId, body.observationId]) {
        if (other !== undefined) expect(entities).toContain(`observation/${other}`);
      }
    }
  });
});

test('every update belongs to an entity that is created, of the same trace and environment', () => {
  holds(({ events }) => {
    const creates = new Map(
      events.filter((event) => event.type.endsWith('-create')).map((event) => [entityOf(event), event]),
    );
    for (const event of events) {
      const { body } = creates.get(entityOf(event)) as IngestionEvent;
      expect([event.body.traceId, event.body.environment]).toEqual([body.traceId, body.environment]);
    }
  });
});

test('times: of an entity no two alike, all of one day, no end before its start', () => {
  holds(({ events }) => {
    const seen = new Set<string>();
    for (const event of events) {
      const stamp = `${entityOf(event)} ${event.timestamp}`;
      expect(seen).not.toContain(stamp);
      seen.add(stamp);
      expect(event.timestamp.slice(0, 10)).toBe('2025-03-10');
    }
    const starts = new Map(events.map(({ body }) => [body.id, body.startTime]));
    for (const { body } of events) {
      const start = (body.startTime ?? starts.get(body.id) ?? '') as string;
      if (body.endTime !== undefined) expect(String(body.endTime) >= start).toBe(true);
    }
  });
});

test('nothing that Langfuse would drop or that would poison its inserts', () => {
  holds(({ requests, events }) => {
    for (const { body } of requests) {
      expect(body.isWellFormed()).toBe(true);
      expect(body).not.toMatch(/\\ud[89a-f]/i);
    }
    for (const { body } of events) {
      for (const field of ['input', 'output'] as const) {
        if (field in body) expect(body[field]).toBeTruthy();
      }
      expect(Object.values(body)).not.toContain(null);
      const numbers =
        JSON.stringify([body.usage, body.usageDetails, body.costDetails]).match(/-?\d+(\.\d+)?/g) ?? [];
      for (const number of numbers) expect(number).toMatch(/^\d{1,5}$/);
    }
  });
});

/** The strict form of what Langfuse 3.36.0 takes (`packages/shared/src/server/ingestion/types.ts`): an unknown key is an error here. */
const text = z.string().min(1);
const time = z.iso.datetime();
const counts = z.record(z.string(), z.int().nonnegative());
const common = {
  id: text,
  name: text.max(1000).optional(),
  environment: z
    .string()
    .regex(/^(?!langfuse)[a-z0-9-_]+$/)
    .max(40)
    .optional(),
  metadata: z.record(z.string(), z.unknown()),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  version: text.optional(),
};
const point = {
  ...common,
  traceId: text,
  parentObservationId: text.optional(),
  startTime: time.optional(),
  level: z.enum(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']).optional(),
  statusMessage: text.optional(),
};
const span = { ...point, endTime: time.optional() };
const generation = {
  ...span,
  completionStartTime: time.optional(),
  model: text.optional(),
  modelParameters: z.record(z.string(), z.union([text, z.number(), z.boolean(), z.array(text)])).optional(),
  usage: z
    .union([
      z.strictObject({ input: z.int(), output: z.int(), total: z.int(), unit: z.literal('TOKENS') }),
      z.strictObject({ promptTokens: z.int(), completionTokens: z.int(), totalTokens: z.int() }),
    ])
    .optional(),
  usageDetails: z
    .union([
      z.strictObject({
        prompt_tokens: z.int(),
        completion_tokens: z.int(),
        total_tokens: z.int(),
        prompt_tokens_details: counts,
      }),
      counts,
    ])
    .optional(),
  costDetails: counts.optional(),
};
const score = {
  id: text,
  traceId: text,
  name: text,
  observationId: text.optional(),
  environment: common.environment,
  comment: text,
};
const trace = {
  ...common,
  timestamp: time.optional(),
  sessionId: text.optional(),
  userId: text.optional(),
  release: text.optional(),
  public: z.boolean().optional(),
  tags: z.array(text).optional(),
};
const BODY = {
  'trace-create': z.strictObject(trace),
  'span-create': z.strictObject(span),
  'span-update': z.strictObject(span),
  'generation-create': z.strictObject(generation),
  'generation-update': z.strictObject(generation),
  'event-create': z.strictObject(point),
  'score-create': z.union([
    z.strictObject({ ...score, dataType: z.literal('CATEGORICAL'), value: text }),
    z.strictObject({
      ...score,
      dataType: z.literal('BOOLEAN'),
      value: z.union([z.literal(0), z.literal(1)]),
    }),
    z.strictObject({ ...score, dataType: z.literal('NUMERIC').optional(), value: z.number() }),
  ]),
} as const;

test('every event has a form that Langfuse takes', () => {
  holds(({ events }) => {
    for (const event of events) {
      const envelope = z.strictObject({
        id: text,
        timestamp: time,
        type: z.enum(Object.keys(BODY)),
        body: z.unknown(),
      });
      envelope.parse(event);
      BODY[event.type as keyof typeof BODY].parse(event.body);
    }
  });
});

test('the usual mix has all types, all sizes and every order of creates and updates', () => {
  const { events, requests } = usual;
  expect(new Set(events.map((event) => event.type))).toEqual(new Set(Object.keys(BODY)));
  const batches = requests.map((request) => request.eventIds.length);
  expect(Math.min(...batches)).toBe(1);
  expect(Math.max(...batches)).toBeGreaterThan(80);
  const sizes = events.flatMap(({ body }) =>
    typeof body.input === 'string' ? [Buffer.byteLength(body.input)] : [],
  );
  expect(Math.min(...sizes)).toBeLessThan(100);
  expect(Math.max(...sizes)).toBeGreaterThan(20_000);

  const orders = { 'in one request': 0, 'in several': 0, 'update sent first': 0 };
  const creates = new Map<unknown, { request: number; position: number }>();
  const updates: { entity: unknown; request: number; position: number }[] = [];
  let position = 0;
  for (const [request, { body }] of requests.entries()) {
    for (const event of (JSON.parse(body) as { batch: IngestionEvent[] }).batch) {
      position += 1;
      const entity = entityOf(event);
      if (event.type.endsWith('-update')) updates.push({ entity, request, position });
      else if (!creates.has(entity)) creates.set(entity, { request, position });
    }
  }
  for (const { entity, request, position } of updates) {
    const create = creates.get(entity) as { request: number; position: number };
    orders[request === create.request ? 'in one request' : 'in several'] += 1;
    if (position < create.position) orders['update sent first'] += 1;
  }
  for (const [order, count] of Object.entries(orders)) expect(count, order).toBeGreaterThan(20);
  for (const script of [
    /\p{Script=Han}/u,
    /\p{Script=Arabic}/u,
    /\p{Script=Hebrew}/u,
    /\p{Mn}/u,
    /\p{Emoji_Presentation}/u,
    /\u200d/,
  ]) {
    expect(
      requests.some(({ body }) => script.test(body)),
      String(script),
    ).toBe(true);
  }
});
