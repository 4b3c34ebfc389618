import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { entityOf, type IngestionEvent } from '../../langfuse/events.ts';
import { markOfComment, marksOfMetadata } from '../../langfuse/mark.ts';
import type { PlannedRequest } from '../request.ts';
import { bindOddTraffic, ODD_TRAFFIC } from './catalogue.ts';

const FIRST_MARK = 1000;

/** Odd traffic as a run makes it, and the events in it. */
function make(name: string, parameters: Record<string, unknown> = {}, seed = 'odd') {
  let mark = FIRST_MARK;
  const odd = bindOddTraffic({ name, ...parameters });
  const requests = odd.make({ random: createRandom(seed), nextMark: () => mark++ });
  return { requests, events: requests.flatMap(eventsOf), marksTaken: mark - FIRST_MARK };
}

const eventsOf = ({ body }: PlannedRequest) => (JSON.parse(body) as { batch: IngestionEvent[] }).batch;
const marksIn = ({ type, body }: IngestionEvent) =>
  type === 'score-create' ? [markOfComment(body.comment)] : marksOfMetadata(body.metadata);

test.for(ODD_TRAFFIC.map(({ name }) => name))(
  '%s: same seed, same bytes; another seed, other ids',
  (name) => {
    expect(make(name).requests).toEqual(make(name).requests);
    const ids = new Set(make(name).events.flatMap(({ id, body }) => [id, body.id]));
    ids.delete(undefined);
    for (const { id, body } of make(name, {}, 'other').events) {
      expect(ids.has(id) || ids.has(body.id)).toBe(false);
    }
  },
);

test.for(ODD_TRAFFIC.map(({ name }) => name))('%s: every event has a mark of its own', (name) => {
  const { requests, events, marksTaken } = make(name);
  const eventOfMark = new Map<number | undefined, string>();
  for (const event of events) {
    // Metadata that is no object has no place for one.
    if (event.body.metadata === true) continue;
    const [mark, ...more] = marksIn(event);
    expect(more).toEqual([]);
    const text = JSON.stringify(event);
    expect(eventOfMark.get(mark) ?? text, 'one mark, one event').toBe(text);
    eventOfMark.set(mark, text);
  }
  const numbers = [...eventOfMark.keys()].map(Number);
  if (numbers.length > 0) {
    expect(Math.min(...numbers)).toBe(FIRST_MARK);
    expect(Math.max(...numbers)).toBe(FIRST_MARK + marksTaken - 1);
    expect(numbers).toHaveLength(marksTaken);
  }
  expect(requests.map(({ at }) => at)).toEqual(requests.map(({ at }) => at).toSorted((a, b) => a - b));
  for (const request of requests) {
    expect(request.eventIds).toEqual(eventsOf(request).map(({ id }) => id));
    expect(Buffer.byteLength(request.body)).toBeLessThan(4_500_000);
  }
});

test('lone-surrogate: the output is no valid UTF-16, and goes over the wire as JSON says it', () => {
  const { requests, events } = make('lone-surrogate');
  expect(String(events[0]?.body.output).isWellFormed()).toBe(false);
  expect(requests[0]?.body).toContain('\\ud83d"');
});

test('hundred-months: as many months as told, none twice', () => {
  const months = (count: number) =>
    new Set(
      make('hundred-months', { months: count }).events.map(({ body }) => String(body.timestamp).slice(0, 7)),
    );
  expect(months(101).size).toBe(101);
  expect(months(400).size).toBe(400);
});

test('event-id-again: the second request has the first event of the first one, and another beside it', () => {
  const { requests } = make('event-id-again', { entities: 1 });
  const [first, second] = requests.map(eventsOf);
  expect(second?.[0]).toEqual(first?.[0]);
  expect(second?.[1]?.id).not.toBe(first?.[1]?.id);
  expect(new Set([...(first ?? []), ...(second ?? [])].map(entityOf)).size).toBe(1);
});

test('slash-in-id: one id is the folder that the other lies in', () => {
  const [outer, inner] = make('slash-in-id').events.map(({ body }) => String(body.id));
  expect(inner?.startsWith(`${outer}/`)).toBe(true);
});

test('many-updates: one span, one event a request, names that rise', () => {
  const { requests, events } = make('many-updates', { count: 1005, rate: 500 });
  expect(new Set(events.map(entityOf)).size).toBe(1);
  expect(requests.map(({ eventIds }) => eventIds.length)).toEqual(Array(1005).fill(1));
  const ids = events.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(requests[1000]?.at).toBeCloseTo(2000, 6);
});

test('retrying-client: every request is sent as often as told, to the byte', () => {
  const { requests } = make('retrying-client', { requests: 4, times: 3, apart: 0.5 });
  const counts = Map.groupBy(requests, ({ body }) => body);
  expect([...counts.values()].map((same) => same.map(({ at }) => at))).toEqual(Array(4).fill([0, 500, 1000]));
});

test('burst: as many events as told, all at once', () => {
  const { requests, events } = make('burst', { events: 60, perRequest: 25 });
  expect(events).toHaveLength(60);
  expect(requests.map(({ at, eventIds }) => [at, eventIds.length])).toEqual([
    [0, 25],
    [0, 25],
    [0, 10],
  ]);
});

test('across-midnight: the update comes first and is of the next day', () => {
  const [update, create] = make('across-midnight', { entities: 1 }).events;
  expect([update?.type, create?.type]).toEqual(['span-update', 'span-create']);
  expect(update?.timestamp.slice(0, 10)).not.toBe(String(create?.body.startTime).slice(0, 10));
});

test('an unknown kind and a parameter that does not fit are said', () => {
  expect(() => bindOddTraffic({ name: 'odd' })).toThrow('There is no odd traffic named "odd"');
  expect(() => bindOddTraffic({ name: 'burst', events: 0 })).toThrow(
    'The parameters of the odd traffic "burst"',
  );
});
