import { expect, test } from 'vitest';
import type { IngestionJob } from '../queues.ts';
import { SafeJobs } from './safe-job.ts';
import { NotStored, type Unit } from './safe-writer.ts';

const folder = 'p/trace/t/';
const event = (name: string) => ({
  id: `event of ${name}`,
  type: 'trace-create',
  timestamp: '2025-03-10T09:00:00.000Z',
  body: { id: 't', name, timestamp: '2025-03-10T09:00:00.000Z', environment: 'default' },
});
const job = (fileKey?: string) =>
  ({
    payload: {
      data: { type: 'trace-create', eventBodyId: 't', ...(fileKey ? { fileKey } : {}) },
      authCheck: { validKey: true, scope: { projectId: 'p' } },
    },
  }) as unknown as IngestionJob;

/** @param names objects in the entity's folder @param stored version of the row that ClickHouse has */
function setUp(names: string[], stored?: number) {
  const units: Unit[] = [];
  let failures: Error[] = [];
  let listings = 0;
  const jobs = new SafeJobs({
    env: { LANGFUSE_S3_EVENT_UPLOAD_PREFIX: '', LANGFUSE_S3_EVENT_UPLOAD_BUCKET: 'b' } as never,
    store: {
      async *listAll() {
        listings += 1;
        yield names.map((name) => ({ key: `${folder}${name}.json`, modified: new Date(0) }));
      },
      get: async (key) => JSON.stringify([event(key)]),
    },
    reader: { read: async () => (stored === undefined ? undefined : { event_ts: stored }) as never },
    writer: {
      write: async (unit) => {
        const failure = failures.shift();
        if (failure) throw failure;
        units.push(unit);
      },
    },
    postgres: { query: async () => [] } as never,
    patience: { log: { info: () => {}, warn: () => {} } as never, signal: new AbortController().signal },
    traceUpserts: { add: async () => {} },
  });
  return {
    jobs,
    units,
    names,
    listings: () => listings,
    failNext: (...errors: Error[]) => {
      failures = errors;
    },
  };
}
const versionOf = (unit: Unit | undefined) =>
  (unit?.rows[0]?.row as { event_ts: number } | undefined)?.event_ts;

test('a job writes the row of its entity, and the names of all objects that it was made of', async () => {
  const { jobs, units } = setUp(['1', '2']);
  await jobs.process(job('1'));
  expect(units).toHaveLength(1);
  expect(units[0]?.rows.map(({ table }) => table)).toEqual(['traces']);
  expect(units[0]?.ledger).toMatchObject([
    { event_id: '1', bucket_path: `${folder}1.json`, entity_id: 't' },
    { event_id: '2', bucket_path: `${folder}2.json` },
  ]);
});

test('a job whose object has landed with another one is done; one without a name of an object runs', async () => {
  const { jobs, units } = setUp(['1', '2']);
  await jobs.process(job('1'));
  await jobs.process(job('2'));
  expect(units).toHaveLength(1);
  await jobs.process(job());
  expect(units).toHaveLength(2);
});

test('when ClickHouse may have lost rows, a job runs again', async () => {
  const { jobs, units } = setUp(['1']);
  await jobs.process(job('1'));
  jobs.forget();
  await jobs.process(job('1'));
  expect(units).toHaveLength(2);
});

test('a job whose object the listing lacks has failed, and so has one of an empty folder', async () => {
  await expect(setUp(['1']).jobs.process(job('2'))).rejects.toThrow('lacks p/trace/t/2.json');
  await expect(setUp([]).jobs.process(job())).rejects.toThrow('lacks every object');
});

test('rows that were not taken are made anew, from a new listing', async () => {
  const { jobs, units, names, listings, failNext } = setUp(['1']);
  failNext(new NotStored('away'));
  const done = jobs.process(job('1'));
  names.push('2');
  await done;
  expect(listings()).toBe(2);
  expect(units).toHaveLength(1);
  expect(units[0]?.ledger).toHaveLength(2);
});

test('poison fails the job', async () => {
  const { jobs, failNext } = setUp(['1']);
  failNext(new Error('Code: 25'));
  await expect(jobs.process(job('1'))).rejects.toThrow('Code: 25');
});

test('the version is the time when the run began, and above that of the stored row', async () => {
  const before = Date.now();
  const { jobs, units } = setUp(['1']);
  await jobs.process(job('1'));
  expect(versionOf(units[0])).toBeGreaterThanOrEqual(before);
  expect(versionOf(units[0])).toBeLessThanOrEqual(Date.now());

  const ahead = Date.now() + 3_600_000;
  const other = setUp(['1'], ahead);
  await other.jobs.process(job('1'));
  expect(versionOf(other.units[0])).toBe(ahead + 1);
});
