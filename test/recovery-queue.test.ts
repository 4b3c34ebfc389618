import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import type { QueueDepths } from '../src/history/run-record.ts';
import { FIRST_PROFILE } from '../src/langfuse/profiles.ts';
import { INGESTION_QUEUE, type IngestionQueue, openIngestionQueue } from '../src/langfuse/queue.ts';
import type { QueuedJob } from '../src/langfuse/queued-jobs.ts';
import { retryFailedJobs } from '../src/recovery/retry-failed.ts';
import { collect } from './support/collect.ts';
import { failWaiting, fillFailedSet } from './support/ingestion-jobs.ts';
import { type RedisServer, startRedisServer } from './support/redis-server.ts';

/** The queue's side of recovery, on a real Redis and BullMQ's own worker. */

const KEY = `bull:${INGESTION_QUEUE}`;
const up = { answers: async () => true };

let server: RedisServer;
let queue: IngestionQueue;

beforeAll(async () => {
  server = await startRedisServer();
  queue = await openIngestionQueue({ url: server.url });
});
afterAll(async () => {
  await queue?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(() => server.client.flushall());

/** A worker as Langfuse's: one that works off each job, or fails it. Keeps the entity ids of the jobs it was given. */
async function startWorker(work: (id: string) => void = () => {}) {
  const runs: string[] = [];
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const worker = new Worker(
    INGESTION_QUEUE,
    async (job) => {
      runs.push(job.data.payload.data.eventBodyId);
      work(job.data.payload.data.eventBodyId);
    },
    { connection, concurrency: 20 },
  );
  worker.on('error', () => {});
  await worker.waitUntilReady();
  return {
    runs,
    [Symbol.asyncDispose]: async () => {
      await worker.close();
      connection.disconnect();
    },
  };
}

/** Ids in the failed set and in the waiting list, each list as Redis has it. */
async function ids(): Promise<{ failed: string[]; waiting: string[] }> {
  return {
    failed: await server.client.zrange(`${KEY}:failed`, 0, -1),
    waiting: await server.client.lrange(`${KEY}:wait`, 0, -1),
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);
const settled = () =>
  waitUntil(
    'the queue to be worked off',
    async () => {
      const { waiting, active } = await queue.depths();
      return waiting + active === 0;
    },
    { timeoutMs: 20_000 },
  );

describe('looking at the queue', () => {
  test('counts the failed set and every other state on its own type; LLEN can not', async () => {
    await fillFailedSet(server.url, 7);
    await queue.addReplayJobs(FIRST_PROFILE, 'p', [
      { entity: 'trace/a', type: 'trace-create', folder: 'p/trace/a/' },
    ]);
    const connection = new Redis(server.url);
    const bull = new Queue(INGESTION_QUEUE, { connection });
    await bull.add('ingestion-job', {}, { delay: 60_000 });
    await bull.add('ingestion-job', {}, { priority: 3 });
    expect(await queue.depths()).toEqual({ waiting: 2, active: 0, delayed: 1, failed: 7 });

    await bull.pause();
    expect(await queue.depths()).toMatchObject({ waiting: 2 });
    await bull.close();
    connection.disconnect();
    await expect(server.client.llen(`${KEY}:failed`)).rejects.toThrow('WRONGTYPE');
  });

  test('the common advice, to add a failed job again under its id, replays nothing', async () => {
    await fillFailedSet(server.url, 1);
    const connection = new Redis(server.url);
    const bull = new Queue(INGESTION_QUEUE, { connection });
    const [job] = await bull.getFailed();
    await expect(bull.add(job?.name ?? '', job?.data, { jobId: job?.id ?? '' })).rejects.toThrow(
      'Custom Id cannot be integers',
    );
    await bull.close();
    connection.disconnect();
    expect(await queue.depths()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 1 });
  });

  test('every job is listed with its entity, state and error', async () => {
    await fillFailedSet(server.url, 2500);
    await queue.addReplayJobs(FIRST_PROFILE, 'p', [
      { entity: 'observation/a/b', type: 'span-update', folder: 'p/observation/a/b/' },
    ]);
    const jobs = await collect(queue.jobs());
    expect(jobs.length).toBe(2501);
    expect(jobs.filter(({ state }) => state === 'failed').map(({ entity }) => entity)).toEqual(
      numbers(2500).map((id) => `trace/${id}`),
    );
    expect(jobs.at(-1)).toEqual<QueuedJob>({
      id: 'ingestion-queue:2500',
      state: 'failed',
      projectId: 'p',
      entity: 'trace/t2499',
      attemptsMade: 5,
      failedReason: 'connect ECONNREFUSED 127.0.0.1:8123',
    });
    expect(jobs[0]).toMatchObject({ state: 'waiting', entity: 'observation/a/b', attemptsMade: 0 });
  });

  test('a replay job is what Langfuse adds, but for the file key', async () => {
    await queue.addReplayJobs(FIRST_PROFILE, 'p', [
      { entity: 'score/s', type: 'score-create', folder: 'p/score/s/' },
    ]);
    const { data = '', opts = '', name } = await server.client.hgetall(`${KEY}:1`);
    expect(name).toBe('ingestion-job');
    const { id, timestamp, ...rest } = JSON.parse(data);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number.isNaN(Date.parse(timestamp))).toBe(false);
    expect(rest).toEqual({
      name: 'ingestion-job',
      payload: {
        data: { type: 'score-create', eventBodyId: 's' },
        authCheck: { validKey: true, scope: { projectId: 'p', accessLevel: 'all' } },
      },
    });
    expect(JSON.parse(opts)).toMatchObject({
      attempts: 5,
      backoff: { type: 'exponential', delay: 5000 },
      removeOnComplete: true,
      removeOnFail: 100_000,
    });
  });

  test('says that Redis is away at once, without its password, and goes on when it is back', async () => {
    await fillFailedSet(server.url, 3);
    await server.kill();
    const error = await queue.depths().catch((thrown) => thrown);
    expect(error.code).toBe('E_REDIS');
    await expect(openIngestionQueue({ url: server.url })).rejects.toThrow('ECONNREFUSED');
    expect(String(error.message)).not.toContain(new URL(server.url).password);

    await server.start();
    const depths = await waitUntil('the queue to be seen again', () => queue.depths(), { timeoutMs: 10_000 });
    expect(depths.failed).toBe(3);
  });

  test('a wrong password is an error, not a wait', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(openIngestionQueue({ url: url.href })).rejects.toThrow('WRONGPASS');
  });
});

describe('retrying the failed set', () => {
  test('every job is retried, none twice, and the queue stays short', async () => {
    await fillFailedSet(server.url, 3000);
    await using worker = await startWorker();
    let longest = 0;
    const watched: Pick<IngestionQueue, 'depths' | 'failed'> = {
      failed: queue.failed,
      depths: async () => {
        const depths: QueueDepths = await queue.depths();
        longest = Math.max(longest, depths.waiting + depths.active);
        return depths;
      },
    };
    const seen: number[] = [];
    const record = await retryFailedJobs({
      queue: watched,
      tables: up,
      slice: 200,
      maxQueued: 100,
      onProgress: ({ done, total }) => seen.push(done, total ?? 0),
    });
    await settled();
    expect(record).toMatchObject({ step: 'retry failed jobs', done: 3000, skipped: [] });
    expect(worker.runs.toSorted()).toEqual(numbers(3000).toSorted());
    expect(longest).toBeLessThanOrEqual(300);
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.at(-2)).toBe(3000);
    expect(await queue.depths()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
  });

  test('jobs that gave up in one millisecond are all retried', async () => {
    await fillFailedSet(server.url, 50);
    const { failed } = await ids();
    await server.client.zadd(`${KEY}:failed`, ...failed.flatMap((id) => [1_700_000_000_000, id]));
    const record = await retryFailedJobs({ queue, tables: up, slice: 7, tryFirst: false });
    expect(record.done).toBe(50);
    expect((await ids()).waiting.toSorted()).toEqual(failed.toSorted());
  });

  test('a job that fails again is not retried twice and does not hold up the others', async () => {
    await fillFailedSet(server.url, 200);
    // Poison: these fail whenever they run.
    await using worker = await startWorker((id) => {
      if (Number(id.slice(1)) % 7 === 0) throw new Error('Score config not found');
    });
    const record = await retryFailedJobs({ queue, tables: up, slice: 20, maxQueued: 10 });
    await settled();
    expect(record).toMatchObject({ done: 200, skipped: [] });
    expect(worker.runs.length).toBe(200);
    expect((await queue.depths()).failed).toBe(29);
  });

  test('stops after a few jobs when all of them fail again, although ClickHouse answers us', async () => {
    await fillFailedSet(server.url, 500);
    await using worker = await startWorker(() => {
      throw new Error('getaddrinfo ENOTFOUND clickhouse');
    });
    const record = await retryFailedJobs({ queue, tables: up });
    expect(record).toMatchObject({
      done: 20,
      skipped: [
        {
          reason:
            'stopped: all of the first 20 retried jobs failed again, with getaddrinfo ENOTFOUND clickhouse.',
          count: 480,
        },
      ],
    });
    expect(worker.runs.length).toBe(20);
    expect((await queue.depths()).failed).toBe(500);
  });

  test('stops when most of what it retried fails again later', async () => {
    await fillFailedSet(server.url, 500);
    let ran = 0;
    await using worker = await startWorker(() => {
      ran += 1;
      if (ran > 40) throw new Error('connect ECONNREFUSED');
    });
    const record = await retryFailedJobs({ queue, tables: up, slice: 20, maxQueued: 0 });
    expect(record.skipped[0]?.reason).toMatch(/^stopped: \d+ jobs failed since \d+ were retried\.$/);
    expect(worker.runs.length).toBeLessThan(200);
    expect(record.done + (record.skipped[0]?.count ?? 0)).toBe(500);
    expect((await queue.depths()).failed).toBe(500 - 40);
  });

  test('stops when ClickHouse goes away, and the next call retries the rest', async () => {
    await fillFailedSet(server.url, 300);
    await using worker = await startWorker();
    let asked = 0;
    const record = await retryFailedJobs({
      queue,
      tables: { answers: async () => ++asked < 4 },
      slice: 50,
      patienceMs: 300,
    });
    expect(record.done).toBe(20 + 50 + 50);
    expect(record.skipped).toEqual([
      {
        reason: 'stopped: Waited 0.3 s for ClickHouse to answer; the last look gave false.',
        count: 180,
      },
    ]);
    expect((await retryFailedJobs({ queue, tables: up })).done).toBe(180);
    await settled();
    expect(worker.runs.toSorted()).toEqual(numbers(300).toSorted());
  });

  test('waits for ClickHouse to come back', async () => {
    await fillFailedSet(server.url, 30);
    await using _worker = await startWorker();
    let asked = 0;
    const record = await retryFailedJobs({ queue, tables: { answers: async () => ++asked > 2 } });
    expect(record).toMatchObject({ done: 30, skipped: [] });
  });

  test('stops when no worker takes the jobs', async () => {
    await fillFailedSet(server.url, 30);
    const record = await retryFailedJobs({ queue, tables: up, patienceMs: 200 });
    expect(record.done).toBe(20);
    expect(record.skipped[0]?.reason).toContain('for the worker to work off the first 20 retried jobs');
  });

  test('only those with a certain error', async () => {
    await fillFailedSet(server.url, 40);
    await retryFailedJobs({ queue, tables: up, tryFirst: false });
    await failWaiting(server.url, 'Score config not found');
    await server.client.hset(`${KEY}:7`, 'failedReason', 'connect ECONNREFUSED 10.0.0.1:8123');
    await using worker = await startWorker();
    const record = await retryFailedJobs({ queue, tables: up, errorContains: 'ECONNREFUSED' });
    await settled();
    expect(record).toMatchObject({
      done: 1,
      skipped: [{ reason: 'the error does not contain "ECONNREFUSED"', count: 39 }],
    });
    expect(worker.runs).toEqual(['t6']);
  });

  test('a job that left the failed set meanwhile is not counted, and not an error', async () => {
    await fillFailedSet(server.url, 3);
    const { failed } = await ids();
    await server.client.del(`${KEY}:${failed[0]}`);
    await server.client.zrem(`${KEY}:failed`, failed[1] ?? '');
    expect(await queue.failed.retryEach(failed.map((id) => `${INGESTION_QUEUE}:${id}`))).toBe(1);
    expect((await ids()).waiting).toEqual([failed[2]]);
  });

  test('a dry run changes nothing', async () => {
    await fillFailedSet(server.url, 40);
    const before = await ids();
    const record = await retryFailedJobs({ queue, tables: up, dryRun: true });
    expect(record).toMatchObject({ done: 0, skipped: [{ reason: 'dry run', count: 40 }] });
    expect(await ids()).toEqual(before);
  });

  test('an empty failed set is nothing to do', async () => {
    expect(await retryFailedJobs({ queue, tables: up })).toMatchObject({ done: 0, skipped: [] });
  });

  test('an abort ends it between two slices', async () => {
    await fillFailedSet(server.url, 100);
    const abort = new AbortController();
    const retrying = retryFailedJobs({
      queue,
      tables: up,
      tryFirst: false,
      slice: 10,
      signal: abort.signal,
      onProgress: ({ done }) => done === 30 && abort.abort(new Error('interrupted')),
    });
    await expect(retrying).rejects.toThrow('interrupted');
    expect(await queue.depths()).toMatchObject({ waiting: 30, failed: 70 });
  });

  test('kill -9 in the middle loses and doubles no job; the next call goes on', async () => {
    const count = 20_000;
    await fillFailedSet(server.url, count);
    const { failed: all } = await ids();
    for (const killAt of [2_000, 9_000]) {
      await killWhileRetrying(killAt);
      const { failed, waiting } = await ids();
      expect(waiting.length).toBeGreaterThanOrEqual(killAt);
      expect(failed.length).toBeGreaterThan(0);
      expect([...failed, ...waiting].toSorted()).toEqual(all.toSorted());
    }
    const record = await retryFailedJobs({ queue, tables: up, tryFirst: false, maxQueued: count });
    const { failed, waiting } = await ids();
    expect(failed).toEqual([]);
    expect(waiting.toSorted()).toEqual(all.toSorted());
    expect(record.skipped).toEqual([]);
  });

  /** Retries in a process of its own and kills that once so many jobs are waiting. */
  async function killWhileRetrying(killAt: number): Promise<void> {
    const source = (path: string) => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href);
    const script = `
      const { openIngestionQueue } = await import(${source('langfuse/queue.ts')});
      const { retryFailedJobs } = await import(${source('recovery/retry-failed.ts')});
      await using queue = await openIngestionQueue({ url: process.env.REDIS_URL });
      await retryFailedJobs({ queue, tables: { answers: async () => true }, tryFirst: false, maxQueued: 1e9, slice: 100 });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, REDIS_URL: server.url },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exited = once(child, 'exit');
    await waitUntil(
      'the retry to be in the middle',
      async () => (await server.client.llen(`${KEY}:wait`)) >= killAt,
      { timeoutMs: 20_000, intervalMs: 1 },
    );
    child.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
  }
});
