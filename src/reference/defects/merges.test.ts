import { expect, test } from 'vitest';
import type { Defect } from '../defects.ts';
import type { EntityType, IngestionEvent } from '../events.ts';
import { sortByTime } from '../worker/merge.ts';
import { plantInMerger } from './merges.ts';
import { picks } from './plant.ts';
import { testPlant } from './testing.ts';

const ID = pickedId();

function pickedId(): string {
  for (let n = 0; ; n += 1) if (picks(`m-${n}`, 4)) return `m-${n}`;
}

const event = (id: string, type: string, second: number, body: object = {}): IngestionEvent =>
  ({ id, type, timestamp: `2025-03-10T06:00:0${second}.000Z`, body: { id: ID, ...body } }) as IngestionEvent;

/** The merger with a defect, and the lists of events that it was really given. */
function planted(defect: Defect, merge: () => void = () => {}) {
  const merged: IngestionEvent[][] = [];
  const { plant, hits, events } = testPlant(defect);
  const merger = plantInMerger(
    {
      mergeAndWrite: async (_type, _entity, given) => {
        merge();
        merged.push([...given]);
      },
    },
    plant,
  );
  const write = (given: readonly IngestionEvent[], type: EntityType = 'observation', id = ID) =>
    merger.mergeAndWrite(type, { projectId: 'p', id }, given, new Date(0));
  return { write, merged, hits, events };
}

const create = event('e1', 'span-create', 1);
const update = event('e2', 'span-update', 2);
const ids = (lists: readonly (readonly IngestionEvent[])[]) => lists.map((list) => list.map(({ id }) => id));

test('drop-updates: updates alone are not merged at all', async () => {
  const { write, merged, events } = planted('drop-updates');
  await write([create, update]);
  await write([update]);
  expect(ids(merged)).toEqual([['e1']]);
  expect(events()).toEqual(['e2', 'e2']);
});

test('overwrite-by-stale-merge: only the event that was there at first is merged again', async () => {
  const { write, merged, events } = planted('overwrite-by-stale-merge');
  await write([create]);
  await write([create, update]);
  expect(ids(merged)).toEqual([['e1'], ['e1']]);
  expect(events()).toEqual(['e2']);
});

test('drop-after-one-attempt: a failure is swallowed, and made good by a later success', async () => {
  let isAway = false;
  const { write, hits, events } = planted('drop-after-one-attempt', () => {
    if (isAway) throw new Error('away');
  });
  await write([create]);
  isAway = true;
  await write([create, update]);
  expect(events()).toEqual(['e2']);
  expect(hits()).toEqual([`observation/${ID}`]);
  isAway = false;
  await write([create, update]);
  expect(hits()).toEqual([]);
});

test('complete-before-buffered: nothing is merged', async () => {
  const { write, merged, events } = planted('complete-before-buffered');
  await write([create]);
  expect(merged).toEqual([]);
  expect(events()).toEqual(['e1']);
});

test('merge-in-wrong-order: the oldest comes last; what the first event fixes stays', async () => {
  const { write, merged, hits } = planted('merge-in-wrong-order');
  const first = event('e1', 'span-create', 1, { startTime: '2025-03-10T06:00:00.500Z', metadata: { a: 1 } });
  const last = event('e3', 'span-update', 3, { metadata: { a: 2 } });
  await write([first, update, last]);
  const given = merged[0] ?? [];
  expect(sortByTime(given).map(({ id }) => id)).toEqual(['e3', 'e2', 'e1']);
  expect(given.map(({ body }) => 'startTime' in body && body.startTime)).toEqual(
    Array.from({ length: 3 }, () => '2025-03-10T06:00:00.500Z'),
  );
  expect(hits()).toEqual([`observation/${ID}`]);
});

test('merge-in-wrong-order: left alone where nothing tells the order, and for scores', async () => {
  const { write, merged, hits } = planted('merge-in-wrong-order');
  await write([create, update]);
  await write([event('e1', 'score-create', 1), event('e2', 'score-create', 2)], 'score');
  expect(ids(merged)).toEqual([
    ['e1', 'e2'],
    ['e1', 'e2'],
  ]);
  expect(hits()).toEqual([]);
});

test('an entity without a dash in its id is spared', async () => {
  const { write, merged, hits } = planted('drop-updates');
  await write([create, update], 'observation', 'spared');
  expect(ids(merged)).toEqual([['e1', 'e2']]);
  expect(hits()).toEqual([]);
});
