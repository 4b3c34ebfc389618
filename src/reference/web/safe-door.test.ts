import { expect, test } from 'vitest';
import { type IngestionEvent, ingestionEvent } from '../events.ts';
import { whyUnstorable } from './safe-door.ts';

const timestamp = '2025-03-10T09:00:00.000Z';
const event = (type: string, body: object, more: object = {}) =>
  ingestionEvent.parse({ id: 'e', type, timestamp, body, ...more }) as IngestionEvent;
const trace = (body: object, more?: object) => event('trace-create', { id: 't', ...body }, more);
const generation = (body: object) => event('generation-create', { id: 'g', traceId: 't', ...body });
const score = (body: object) =>
  event('score-create', { id: 's', traceId: 't', name: 'n', value: 1, ...body });

test.each([
  ['an ordinary trace', trace({ name: 'x', metadata: { a: [1] }, input: 'ü😀\0', timestamp })],
  ['an id with a slash', trace({ id: 'a/b' })],
  ['usage and costs', generation({ usageDetails: { input: 3 }, costDetails: { input: 0.000001 } })],
  ['a score', score({ value: 0.5 })],
  ['a log line', event('sdk-log', { log: 'x' })],
])('%s can be stored', (_what, good) => expect(whyUnstorable(good)).toBeUndefined());

test.each([
  ['without a body id', event('trace-create', {}), 'body.id is missing'],
  ['with an empty body id', trace({ id: '' }), 'body.id is missing'],
  ['with half a surrogate pair', trace({ input: { deep: ['\ud800'] } }), 'surrogate'],
  ['with half a surrogate pair in a key', trace({ metadata: { '\udc00': 1 } }), 'surrogate'],
  ['with an id too long for a path', trace({ id: 'ü'.repeat(100) }), 'longer than'],
  ['with a NUL in what Postgres is asked', trace({ sessionId: 'a\0' }), 'NUL'],
  ['with a bare true as metadata', trace({ metadata: true }), 'bare true'],
  ['with fractional usage', generation({ usageDetails: { input: 1.5 } }), 'whole numbers'],
  ['with usage beyond an integer', generation({ usageDetails: { input: 1e21 } }), 'whole numbers'],
  ['with a cost beyond a decimal', generation({ costDetails: { total: 1_000_000 } }), 'Costs'],
  ['with costs whose sum is', generation({ costDetails: { input: 400_000, output: 400_000 } }), 'Costs'],
  [
    'with a prompt version that wraps',
    generation({ promptName: 'p', promptVersion: 70_000 }),
    'promptVersion',
  ],
  ['with a time before 1900', trace({ timestamp: '0001-01-01T00:00:00Z' }), 'years'],
  ['with a time after 2299', generation({ startTime: '9999-01-01T00:00:00Z' }), 'years'],
  ['with an offset that is none', trace({ timestamp: '2025-03-10T09:00:00+99:99' }), 'years'],
  ['with an endless value', score({ value: Number.POSITIVE_INFINITY }), 'finite'],
  ['with a value of another type', score({ value: 'x', dataType: undefined, configId: 'a\0' }), 'NUL'],
])('an event %s is refused', (_what, bad, why) => expect(whyUnstorable(bad)).toContain(why));

test('an event that is nested too deeply is refused, and nothing breaks', () => {
  let deep: unknown = 'x';
  for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
  expect(whyUnstorable({ ...trace({}), body: { id: 't', input: deep } } as never)).toContain('deeply');
});
