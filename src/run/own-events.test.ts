import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../langfuse/endpoints.ts';
import { OwnEvents } from './own-events.ts';

test('it counts the events that it makes', () => {
  const own = new OwnEvents(createRandom('own'), 100);
  const made = [
    own.make('steady state before').request,
    ...([INGESTION_PATH, SPANS_PATH, SCORES_PATH] as const).map((path) => own.makeFor(path, 'probe: x')),
  ];
  expect(own.made).toBe(made.flatMap(({ eventIds }) => eventIds).length);
  expect(own.made).toBeGreaterThan(6);
});
