import { beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/base/wait-until.ts';
import { observation, several, trace } from './support/events.ts';
import { refused } from './support/faults.ts';
import { call, callWorker, ingest } from './support/http.ts';
import { dropped, landed, logged, objectsOf, openQueue, redis, rows, untilLanded } from './support/look.ts';
import { IS_REFERENCE, PROJECT_ID, QUICK_RETRIES, TAKES_TRACES, useStack } from './support/target.ts';

/*
 * ClickHouse refuses the worker's connections. Seen on a real Langfuse 3.36.0: before and during sending the jobs
 * fail and fill the failed set; with rows in the writer's memory the rows are lost and the failed set stays empty.
 */

/** Sends traces in one request, all acknowledged; gives their ids. */
async function send(stack: Parameters<typeof ingest>[0], count: number): Promise<string[]> {
  const sent = several(count, () => trace());
  const { status, json } = await ingest(stack, sent);
  expect(status).toBe(207);
  expect((json as { successes: unknown[] }).successes).toHaveLength(count);
  return sent.map(({ body }) => body.id).sort();
}

/** Sends one more trace and waits for it: then all that came before it has gone through the writer as well. */
async function untilThrough(stack: Parameters<typeof ingest>[0]): Promise<void> {
  await untilLanded(stack, 'traces', await send(stack, 1));
}

describe('before and during sending', () => {
  const stack = useStack({ web: QUICK_RETRIES, worker: QUICK_RETRIES });
  beforeEach((context) => stack.only(context, TAKES_TRACES));
  const COUNT = 20;

  test('all jobs end in the failed set, nothing arrives by itself, and retryJobs brings all back, none doubled', async () => {
    const attempts = stack.profile.queues['ingestion-queue']?.attempts ?? 0;
    await untilThrough(stack.current);
    await using jobs = openQueue(stack.current);
    let ids: string[];
    {
      await using _refused = await refused(stack.current, 'worker→clickhouse');
      ids = await send(stack.current, COUNT);
      await jobs.untilFailed(COUNT);
      expect((await call(stack.current, '/api/public/health')).status).toBe(200);
      expect((await callWorker(stack.current, '/api/health')).status).toBe(200);
      const failed = await jobs.queue.getFailed();
      for (const job of failed) {
        expect(job.failedReason).toContain('ECONNREFUSED');
        expect(job.attemptsMade).toBe(attempts);
      }

      // The log counts attempts, not entities: each wrote a row of the list of objects that is dropped, without an id.
      const list = stack.profile.fileLog;
      await waitUntil(
        `more rows of ${list} to be dropped than there are entities`,
        async () => (await dropped(stack.current, list)) > COUNT,
        { timeoutMs: 15_000 },
      );
      expect(await dropped(stack.current, 'traces')).toBe(0);
      const failures = `Failed job ingestion processing for ${stack.current.target.projectId}`;
      expect(await logged(stack.current, 'worker', failures)).toBeGreaterThan(0);

      // A retry while ClickHouse is down: one attempt each, and no back-off.
      await jobs.queue.retryJobs({ state: 'failed' });
      await jobs.untilFailed(COUNT);
      expect((await jobs.queue.getFailed()).map(({ attemptsMade }) => attemptsMade)).toEqual(
        several(COUNT, () => attempts + 1),
      );
      expect(await jobs.counts()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: COUNT });
    }

    await untilThrough(stack.current);
    expect(await landed(stack.current, 'traces', ids)).toEqual([]);
    expect(await jobs.counts()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: COUNT });

    // The recipe that is handed around: it throws at the first job, and nothing is processed.
    const [first] = await jobs.queue.getFailed();
    if (!first?.id) throw new Error('no failed job');
    await expect(jobs.queue.add(first.name, first.data, { jobId: first.id })).rejects.toThrow(
      /Custom Ids? cannot be integers/,
    );

    await jobs.queue.retryJobs({ state: 'failed' });
    await untilLanded(stack.current, 'traces', ids);
    expect(await landed(stack.current, 'traces', ids)).toEqual(ids);
    expect(await jobs.counts()).toMatchObject({ failed: 0 });
  });
});

describe('while rows sit in the memory of the writer', () => {
  // Between a job's end and its insert there must be time to do something, also beside a real Langfuse.
  const INTERVAL = IS_REFERENCE ? 3000 : 10_000;
  const stack = useStack({
    worker: { LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: String(INTERVAL) },
  });
  beforeEach((context) => stack.only(context, TAKES_TRACES));

  test('they are lost with an empty failed set, and one job per entity brings them back', async () => {
    // Its row has just been written, so an interval has just begun.
    await untilThrough(stack.current);
    await using jobs = openQueue(stack.current);
    const ids = await send(stack.current, 20);
    await jobs.untilIdle();
    {
      await using _refused = await refused(stack.current, 'worker→clickhouse');
      // Some may have been inserted before; what was under way may be stored and fail all the same, and is dropped as well.
      await waitUntil(
        'all to be inserted or dropped',
        async () => {
          const inserted = await landed(stack.current, 'traces', ids);
          return (await dropped(stack.current, 'traces')) >= ids.length - inserted.length;
        },
        { timeoutMs: 6 * INTERVAL },
      );
      expect(await logged(stack.current, 'worker', 'ClickhouseWriter.flush traces')).toBeGreaterThanOrEqual(
        3,
      );
    }
    await untilThrough(stack.current);
    const arrived = await landed(stack.current, 'traces', ids);
    const lost = ids.filter((id) => !arrived.includes(id));
    expect(lost).not.toEqual([]);
    expect(await jobs.counts()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: 0 });

    const kept = await objectsOf(stack.current, 'trace/');
    const entities = lost.filter((id) => kept.some((object) => object.startsWith(`${id}/`)));
    expect(entities).toEqual(lost);
    for (const id of entities) await jobs.addFor(stack.current, 'trace-create', id);
    await untilLanded(stack.current, 'traces', ids);
    expect(await landed(stack.current, 'traces', ids)).toEqual(ids);
  });

  test('they are lost when the worker is told to end while ClickHouse is away', async () => {
    await untilThrough(stack.current);
    await using jobs = openQueue(stack.current);
    const ids = await send(stack.current, 5);
    await jobs.untilIdle();
    const worker = stack.current.component('worker');
    const over = () => logged(stack.current, 'worker', 'Shutdown complete');
    const before = await over();
    {
      await using _refused = await refused(stack.current, 'worker→clickhouse');
      const stopped = worker.stop(60_000);
      await waitUntil('the shutdown to be complete', async () => (await over()) > before, {
        timeoutMs: 30_000,
      });
      await worker.kill();
      await stopped;
    }
    await expectLost(ids);
  });

  test('they are lost when the worker is killed', async () => {
    await untilThrough(stack.current);
    await using jobs = openQueue(stack.current);
    const ids = await send(stack.current, 5);
    await jobs.untilIdle();
    await stack.current.component('worker').kill();
    await expectLost(ids);
  });

  /** Starts the worker again, and looks for what it has lost. */
  const expectLost = async (ids: readonly string[]) => {
    // Nothing inserts while the worker is away, so what is there now came before.
    const inserted = await landed(stack.current, 'traces', ids);
    await stack.current.component('worker').start();
    await untilThrough(stack.current);
    expect(await landed(stack.current, 'traces', ids)).toEqual(inserted);
    expect(inserted.length).toBeLessThan(ids.length);
    await using jobs = openQueue(stack.current);
    expect(await jobs.counts()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: 0 });
    for (const id of ids) expect(await objectsOf(stack.current, `trace/${id}/`)).toHaveLength(1);
  };

  test('a row that ClickHouse cannot read takes the others of its insert along', async () => {
    await untilThrough(stack.current);
    const good = observation('span-create');
    // Above 64 bits: no version repairs that.
    const poison = observation('generation-create', { usageDetails: { input: 1e21 } });
    expect((await ingest(stack.current, [good, poison])).status).toBe(207);
    await waitUntil(
      'both rows to be dropped',
      async () => (await dropped(stack.current, 'observations')) === 2,
      { timeoutMs: 6 * INTERVAL },
    );
    await using jobs = openQueue(stack.current);
    expect(await jobs.counts()).toMatchObject({ failed: 0 });
    expect(await landed(stack.current, 'observations', [good.body.id, poison.body.id])).toEqual([]);
  });
});

describe('when the read before the write is skipped', () => {
  const stack = useStack({
    web: QUICK_RETRIES,
    worker: {
      ...QUICK_RETRIES,
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_MIN_PROJECT_CREATE_DATE: '2020-01-01',
    },
  });
  beforeEach((context) => stack.only(context, TAKES_TRACES));

  test('jobs succeed during the outage, and their rows are dropped', async () => {
    await untilThrough(stack.current);
    await using jobs = openQueue(stack.current);
    let ids: string[];
    {
      await using _refused = await refused(stack.current, 'worker→clickhouse');
      ids = await send(stack.current, 5);
      await waitUntil('the rows to be dropped', async () => (await dropped(stack.current, 'traces')) === 5, {
        timeoutMs: 15_000,
      });
    }
    await untilThrough(stack.current);
    expect(await jobs.counts()).toMatchObject({ wait: 0, active: 0, delayed: 0, failed: 0 });
    expect(await landed(stack.current, 'traces', ids)).toEqual([]);
  });
});

describe('with more attempts of an insert, without the read, and by the second queue', () => {
  const stack = useStack({
    worker: {
      LANGFUSE_SKIP_INGESTION_CLICKHOUSE_READ_PROJECT_IDS: PROJECT_ID,
      LANGFUSE_INGESTION_CLICKHOUSE_MAX_ATTEMPTS: '60',
      LANGFUSE_SECONDARY_INGESTION_QUEUE_ENABLED_PROJECT_IDS: PROJECT_ID,
    },
  });
  beforeEach((context) => stack.only(context, TAKES_TRACES));

  test('jobs of the project go through secondary-ingestion-queue', async () => {
    await using secondary = openQueue(stack.current, 'secondary-ingestion-queue');
    await secondary.queue.pause();
    const ids = await send(stack.current, 2);
    await waitUntil('both jobs to be there', async () => (await secondary.counts()).paused === 2, {
      timeoutMs: 30_000,
    });
    expect((await secondary.jobOf(ids[0] ?? ''))?.opts).toMatchObject({
      attempts: stack.profile.queues['secondary-ingestion-queue']?.attempts,
      removeOnComplete: true,
    });
    await secondary.queue.resume();
    await untilLanded(stack.current, 'traces', ids);
  });

  test('rows outlast an outage that would have cost them', async () => {
    const failures = () => logged(stack.current, 'worker', 'ClickhouseWriter.flush traces');
    const before = await failures();
    let ids: string[];
    {
      await using _refused = await refused(stack.current, 'worker→clickhouse');
      ids = await send(stack.current, 3);
      await waitUntil('four inserts to fail', async () => (await failures()) - before >= 4, {
        timeoutMs: 30_000,
      });
    }
    await untilLanded(stack.current, 'traces', ids);
  });
});

describe('with the cache of seen events', () => {
  const stack = useStack({
    web: QUICK_RETRIES,
    worker: { ...QUICK_RETRIES, LANGFUSE_ENABLE_REDIS_SEEN_EVENT_CACHE: 'true' },
  });
  beforeEach((context) => stack.only(context, TAKES_TRACES));

  test('the second attempt takes the event for done: lost, with an empty failed set', async () => {
    await untilThrough(stack.current);
    await using jobs = openQueue(stack.current);
    let ids: string[];
    {
      await using _refused = await refused(stack.current, 'worker→clickhouse');
      ids = await send(stack.current, 5);
      await jobs.untilIdle();
    }
    await untilThrough(stack.current);
    expect(await jobs.counts()).toMatchObject({ failed: 0 });
    expect(await landed(stack.current, 'traces', ids)).toEqual([]);
    expect(await rows(stack.current, 'SELECT id FROM traces')).toHaveLength(2);

    const { projectId } = stack.current.target;
    const keys = await redis(stack.current, (client) =>
      client.keys(`langfuse:ingestion:recently-processed:${projectId}:*:${ids[0]}:*`),
    );
    expect(keys).toHaveLength(1);
    const left = await redis(stack.current, (client) => client.ttl(keys[0] ?? ''));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(300);
  });
});
