import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../langfuse/endpoints.ts';
import { eventsOfBody, SPAN_FORMS } from '../langfuse/span-events.ts';
import { OwnEvents } from './own-events.ts';

const made = (own: OwnEvents) => [
  ...own.make('steady state before').requests,
  ...([INGESTION_PATH, SPANS_PATH, SCORES_PATH] as const).map((path) => own.makeFor(path, 'probe: x')),
];

test('it counts the events that it makes, each with a mark', () => {
  for (const protocol of ['ingestion', 'otlp'] as const) {
    for (const form of SPAN_FORMS) {
      const own = new OwnEvents(createRandom('own'), 100, protocol, form);
      const events = made(own).flatMap(({ body }) => eventsOfBody(JSON.parse(body), form));
      expect(own.made).toBe(events.length);
    }
  }
});

test('its traces go the way of the traffic, and leave the marks that are waited for', () => {
  const own = new OwnEvents(createRandom('own'), 100, 'otlp', 'web converts');
  const { requests, marks } = own.make('x');
  expect(requests.map(({ path }) => path)).toEqual([SPANS_PATH, INGESTION_PATH]);
  // The trace's, the observation's and the score's.
  expect(marks.toSorted()).toEqual([100, 101, 102]);
  expect(own.tracesPath).toBe(SPANS_PATH);
  // One row for a span: nothing holds the mark of its trace.
  expect(new OwnEvents(createRandom('own'), 100, 'otlp', 'one row').make('x').marks).toEqual([100, 102]);
});

test('the ingestion endpoint of a target that refuses traces there is asked with a score', () => {
  const own = new OwnEvents(createRandom('own'), 100, 'otlp', 'one row');
  const { body } = own.makeFor(INGESTION_PATH, 'x');
  expect((JSON.parse(body) as { batch: { type: string }[] }).batch.map(({ type }) => type)).toEqual([
    'score-create',
  ]);
});

test.each([
  ['ingestion', 'web converts', 'generation-create'],
  ['otlp', 'worker converts', 'otel-observation'],
  ['otlp', 'one row', 'otel-span'],
] as const)('what warms a target up is a generation without usage (%s, %s)', (protocol, form, type) => {
  const own = new OwnEvents(createRandom('own'), 100, protocol, form);
  const { requests } = own.make('warm-up', 'generation');
  const events = requests.flatMap(({ body }) => eventsOfBody(JSON.parse(body), form));
  expect(own.made).toBe(events.length);
  const { body } = events.find((event) => event.type === type) as (typeof events)[number];
  expect(body).toMatchObject({ model: 'gpt-4o', input: 'ping', output: 'pong' });
  expect(Object.keys(body.usageDetails ?? body.usage ?? {})).toEqual([]);
});
