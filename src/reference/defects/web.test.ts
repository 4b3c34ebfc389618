import type { JobsOptions } from 'bullmq';
import { expect, test } from 'vitest';
import type { Defect } from '../defects.ts';
import type { IngestionEvent } from '../events.ts';
import { INGESTION_JOB, type IngestionJob } from '../queues.ts';
import { picks } from './plant.ts';
import { testPlant } from './testing.ts';
import { plantInAnswer, plantInQueue, plantInStore } from './web.ts';

const ID = pickedId();

function pickedId(): string {
  for (let n = 0; ; n += 1) if (picks(`w-${n}`, 4)) return `w-${n}`;
}

const event = (id: string, entity: string): IngestionEvent =>
  ({
    id,
    type: 'span-create',
    timestamp: '2025-03-10T06:00:00.000Z',
    body: { id: entity },
  }) as IngestionEvent;

function store(defect: Defect) {
  const keys: string[] = [];
  const { plant, events } = testPlant(defect);
  const planted = plantInStore({ put: async (key) => void keys.push(key) }, plant);
  return { put: (key: string, entity: string) => planted.put(key, [event(key, entity)]), keys, events };
}

test('acknowledge-before-s3: some objects are not written', async () => {
  const { put, keys, events } = store('acknowledge-before-s3');
  await put('a', ID);
  await put('b', 'spared');
  expect(keys).toEqual(['b']);
  expect(events()).toEqual(['a']);
});

test('skip-s3: the fiftieth object, and each hundredth after it', async () => {
  const { put, keys, events } = store('skip-s3');
  for (let n = 1; n <= 200; n += 1) await put(String(n), 'an-entity');
  expect(keys).toHaveLength(198);
  expect(events()).toEqual(['50', '150']);
});

test.each([
  ['acknowledge-before-queue', []],
  ['stuck-in-queue', [{ delay: 600_000 }]],
  ['land-after-budget', [{ delay: 20_000 }]],
] as const)('%s', async (defect, added) => {
  const found: (JobsOptions | undefined)[] = [];
  const { plant, hits } = testPlant(defect);
  const queue = plantInQueue(
    {
      add: async (_name, _job, options) => {
        found.push(options);
        return {} as never;
      },
    },
    plant,
  );
  await queue.add(INGESTION_JOB, jobOf(ID), { delay: 0 });
  expect(found).toEqual(added);
  expect(hits()).toEqual([`observation/${ID}`]);
  await queue.add(INGESTION_JOB, jobOf('spared'), { delay: 7 });
  expect(found.at(-1)).toEqual({ delay: 7 });
});

test('land-refused: some observations are answered 400 although they were taken', () => {
  const { plant, events } = testPlant('land-refused');
  const successes = [
    { id: 'e1', status: 201 },
    { id: 'e2', status: 201 },
  ];
  const answer = plantInAnswer({ successes, errors: [] }, [event('e1', ID), event('e2', 'spared')], plant);
  expect(answer.successes).toEqual([{ id: 'e2', status: 201 }]);
  expect(answer.errors).toMatchObject([{ id: 'e1', status: 400 }]);
  expect(events()).toEqual(['e1']);
});

function jobOf(entity: string): IngestionJob {
  return {
    id: 'j',
    timestamp: '',
    name: INGESTION_JOB,
    payload: {
      data: { type: 'span-create', eventBodyId: entity, fileKey: 'e1' },
      authCheck: {
        validKey: true,
        scope: { projectId: 'p', accessLevel: 'all', orgId: 'o', plan: 'oss', rateLimitOverrides: [] },
      },
    },
  };
}
