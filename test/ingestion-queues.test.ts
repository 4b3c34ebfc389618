import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { profileOf } from '../src/langfuse/profile.ts';
import { openIngestionQueue } from '../src/langfuse/queue.ts';
import { hasWorker, readQueueFacts } from '../src/langfuse/queue-facts.ts';
import { retryFailedJobs } from '../src/recovery/retry-failed.ts';
import { quietTimeMs } from '../src/run/quiet-time.ts';
import { collect } from './support/collect.ts';
import { type RedisServer, startRedisServer } from './support/redis-server.ts';

/* All queues of the ingestion as later versions have them, on a real Redis and BullMQ's own queues and workers. */

const V4 = profileOf('4.16.0').profile;
const CLUSTER = ['ingestion-queue', 'ingestion-queue-1', 'ingestion-queue-2', 'otel-ingestion-queue'];

let server: RedisServer;
let connection: Redis;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  connection = new Redis(server.url, { maxRetriesPerRequest: null });
});
afterAll(async () => {
  connection?.disconnect();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await server.client.flushall();
});

/** A queue as Langfuse's web opens it. */
async function queueOf(name: string, prefix?: string): Promise<Queue> {
  const queue = new Queue(name, { connection, ...(prefix === undefined ? {} : { prefix }) });
  await queue.waitUntilReady();
  open.push(queue);
  return queue;
}

/** Works off the jobs of a queue, or fails them. */
async function work(name: string, prefix: string | undefined, error?: string): Promise<string[]> {
  const done: string[] = [];
  const worker = new Worker(
    name,
    async (job) => {
      if (error) throw new Error(error);
      done.push(job.data.payload.data.eventBodyId ?? job.data.payload.data.fileKey);
    },
    { connection, ...(prefix === undefined ? {} : { prefix }) },
  );
  worker.on('error', () => {});
  open.push(worker);
  await worker.waitUntilReady();
  return done;
}

const entityJob = (id: string, opts = {}) => ({
  name: 'ingestion-job',
  data: {
    payload: {
      data: { type: 'trace-create', eventBodyId: id, fileKey: 'e' },
      authCheck: { scope: { projectId: 'p' } },
    },
  },
  opts,
});
const spansJob = (fileKey: string) => ({
  name: 'otel-ingestion-job',
  data: { payload: { data: { fileKey }, authCheck: { scope: { projectId: 'p' } } } },
  opts: {},
});

test('jobs of every queue and shard are seen, those of a shard that comes up later too', async () => {
  await using queues = await openIngestionQueue({ url: server.url });
  expect(await queues.depths()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });

  await (await queueOf('ingestion-queue')).addBulk([entityJob('a')]);
  await (await queueOf('ingestion-queue-3')).addBulk([entityJob('b', { delay: 60_000 })]);
  await (await queueOf('secondary-ingestion-queue')).addBulk([entityJob('c')]);
  await (await queueOf('otel-ingestion-queue-1')).addBulk([spansJob('events/otel/p/x.json')]);
  await (await queueOf('trace-upsert')).addBulk([entityJob('d')]);

  const jobs = await collect(queues.jobs());
  expect(jobs.map(({ id, state, entity, object }) => [id, state, entity ?? object])).toEqual([
    ['ingestion-queue:1', 'waiting', 'trace/a'],
    ['ingestion-queue-3:1', 'delayed', 'trace/b'],
    ['secondary-ingestion-queue:1', 'waiting', 'trace/c'],
    ['otel-ingestion-queue-1:1', 'waiting', 'events/otel/p/x.json'],
  ]);
  expect(await queues.depths()).toEqual({ waiting: 3, active: 0, delayed: 1, failed: 0 });
});

test('jobs that Redis was given after it had lost its data are seen by whoever looks afresh', async () => {
  const queue = await queueOf('otel-ingestion-queue', 'acme');
  await server.client.flushall();
  await queue.addBulk([spansJob('x')]);
  await using queues = await openIngestionQueue({ url: server.url });
  expect(await queues.depths()).toMatchObject({ waiting: 1 });
});

test('the failed sets of all queues are retried as one, the oldest first', async () => {
  const failed: string[] = [];
  for (const name of ['ingestion-queue', 'otel-ingestion-queue', 'ingestion-queue']) {
    const queue = await queueOf(name);
    const worker = new Worker(name, async () => Promise.reject(new Error('away')), { connection });
    const [job] = await queue.addBulk([name.startsWith('otel') ? spansJob('x') : entityJob('a')]);
    await waitUntil('the job to fail', () => job?.isFailed(), { timeoutMs: 5000, intervalMs: 5 });
    failed.push(`${name}:${job?.id}`);
    await worker.close();
  }
  await using queues = await openIngestionQueue({ url: server.url });
  const until = (await queues.failed.newest()) ?? 0;
  expect(await queues.failed.ids(until)).toEqual(failed);
  expect(await queues.failed.count({ until })).toBe(3);
  expect((await queues.failed.details(failed)).map(({ failedReason }) => failedReason)).toEqual(
    Array(3).fill('away'),
  );

  expect(await queues.failed.retryOldest(until, 2)).toBe(2);
  expect(await queues.failed.ids(until)).toEqual(failed.slice(2));
  const done = [await work('ingestion-queue', undefined), await work('otel-ingestion-queue', undefined)];
  const record = await retryFailedJobs({ queue: queues, tables: { answers: async () => true } });
  await waitUntil('all to be done', () => done.flat().length === 3, { timeoutMs: 5000 });
  expect(record).toMatchObject({ done: 1, skipped: [] });
  expect(done).toEqual([['a', 'a'], ['x']]);
});

test('a replay job goes to the queue, the shard and the prefix to which the web adds', async () => {
  const shards = await Promise.all(CLUSTER.map((name) => queueOf(name, `{${name}}`)));
  await using queues = await openIngestionQueue({ url: server.url });
  const entity = (id: string) =>
    ({ entity: `score/${id}`, type: 'score-create', folder: `events/p/score/${id}/` }) as const;
  await queues.addReplayJobs(V4, 'p', [
    entity('s1'),
    entity('s2'),
    entity('s3'),
    entity('s4'),
    { object: 'events/otel/p/x.json' },
  ]);

  const waiting = await Promise.all(shards.map((queue) => queue.getWaiting()));
  const ids = waiting.map((jobs) => jobs.map(({ data }) => data.payload.data.eventBodyId ?? 'spans').sort());
  // Those that `getShardIndex` of Langfuse v4.16.0 gives for `p-s1`, … and three shards.
  expect(ids).toEqual([['s1'], ['s2', 's4'], ['s3'], ['spans']]);
});

test('jobs are made as v4.16.0 makes them', async () => {
  const [entities, spans] = [await queueOf('ingestion-queue'), await queueOf('otel-ingestion-queue')];
  await using queues = await openIngestionQueue({ url: server.url });
  await queues.addReplayJobs(V4, 'p', [
    { entity: 'score/a/b', type: 'score-create', folder: 'events/p/score/a_b_c14cddc033f64b9d/' },
    { object: 'events/otel/p/2026/01/01/12/00/x.json' },
  ]);
  const [[score], [object]] = [await entities.getWaiting(), await spans.getWaiting()];
  expect(score).toMatchObject({
    name: 'ingestion-job',
    data: {
      name: 'ingestion-job',
      payload: {
        data: {
          type: 'score-create',
          eventBodyId: 'a/b',
          bucketPrefix: 'events/p/score/a_b_c14cddc033f64b9d/',
        },
        authCheck: { validKey: true, scope: { projectId: 'p', accessLevel: 'project' } },
      },
    },
    opts: { attempts: 6, backoff: { type: 'exponential', delay: 5000 }, removeOnFail: 100_000 },
  });
  expect(object).toMatchObject({
    name: 'otel-ingestion-job',
    data: {
      name: 'otel-ingestion-job',
      payload: {
        data: { fileKey: 'events/otel/p/2026/01/01/12/00/x.json' },
        authCheck: { validKey: true, scope: { projectId: 'p', accessLevel: 'project' } },
      },
    },
    opts: { attempts: 6 },
  });
});

test('queues of two deployments are refused, and told apart by the prefix that is named', async () => {
  await (await queueOf('ingestion-queue')).addBulk([entityJob('ours')]);
  await (await queueOf('ingestion-queue', 'other')).addBulk([entityJob('theirs'), entityJob('theirs too')]);
  await expect(openIngestionQueue({ url: server.url })).rejects.toThrow('under 2 prefixes: bull, other.');
  await using queues = await openIngestionQueue({ url: server.url, keyPrefix: 'other' });
  expect(await queues.depths()).toMatchObject({ waiting: 2 });
});

test('what waits in each queue, and whether anybody works it off', async () => {
  await (await queueOf('ingestion-queue')).addBulk([entityJob('a'), entityJob('b', { delay: 60_000 })]);
  await (await queueOf('otel-ingestion-queue', '{otel-ingestion-queue}')).addBulk([]);
  await work('otel-ingestion-queue', '{otel-ingestion-queue}');
  const access = { url: server.url };
  const facts = await readQueueFacts(access);
  expect(facts.map(({ name, jobs, workers }) => [name, jobs, workers])).toEqual([
    ['ingestion-queue', 2, 0],
    ['otel-ingestion-queue', 0, 1],
  ]);
  expect(await hasWorker(access, 'otel-ingestion-queue')).toBe(true);
  expect(await hasWorker(access, 'ingestion-queue')).toBe(false);
});

test('where no worker at all is connected, none is for a queue', async () => {
  expect(await hasWorker({ url: server.url }, 'ingestion-queue')).toBe(false);
});

test('a target with several workers must be quiet for longer than an insert of one may hang', async () => {
  const access = { redis: { url: server.url } };
  const target = { spec: { kind: 'external' }, access, queues: [] } as const;
  await queueOf('ingestion-queue');
  await work('ingestion-queue', undefined);
  expect(await quietTimeMs(target, 1000)).toBe(1500);
  // One queue more is no second worker.
  await work('otel-ingestion-queue', undefined);
  expect(await quietTimeMs(target, 1000)).toBe(1500);

  const queues = await readQueueFacts(access.redis);
  await work('ingestion-queue', undefined);
  expect(await quietTimeMs(target, 1000)).toBe(32_500);
  // What the harness starts itself has one, and is not asked.
  expect(await quietTimeMs({ ...target, spec: { kind: 'docker' } }, 1000)).toBe(1500);

  const several = await readQueueFacts(access.redis);
  await open.pop()?.close();
  expect(await quietTimeMs({ ...target, queues }, 1000)).toBe(1500);
  expect(await quietTimeMs({ ...target, queues: several }, 1000), 'the second is not back yet').toBe(32_500);
});

test('where nobody tells how many workers there are, there may be several', async () => {
  const target = { spec: { kind: 'external' }, queues: [] } as const;
  expect(await quietTimeMs({ ...target, access: { redis: { url: server.url } } }, 1000)).toBe(32_500);
  const nobody = { redis: { url: 'redis://127.0.0.1:1' } };
  expect(await quietTimeMs({ ...target, access: nobody }, 1000)).toBe(32_500);
});
