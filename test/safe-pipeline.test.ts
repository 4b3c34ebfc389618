import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../src/base/clock.ts';
import { waitUntil } from '../src/base/wait-until.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import type { Stack } from '../src/stack/stack.ts';
import { nameGone, refused } from './contract/support/faults.ts';
import { basic } from './contract/support/http.ts';
import { queryClickHouse } from './support/stack.ts';

/*
 * The reference pipeline made safe, on one stack: what it can't take it refuses with 503, and all that it took lands by itself.
 */

const SETTINGS = { REFERENCE_BACKOFF_SCALE: '0.1', LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: '200' };
/** Milliseconds for what was taken to land; generous, for a busy machine. */
const TIMEOUT = 60_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startEmbeddedStack({
    spec: { kind: 'embedded', pipeline: 'safe' },
    settings: { web: SETTINGS, worker: SETTINGS },
  });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** Sends traces, each in a request of its own. @returns the ids of those that were acknowledged */
async function sendTraces(count: number): Promise<string[]> {
  const sent = await Promise.all(
    Array.from({ length: count }, async () => {
      const id = `a/trace ${randomUUID()}`;
      return { id, status: (await send(id)).status };
    }),
  );
  return sent.flatMap(({ id, status }) => (status === 207 ? [id] : []));
}

function send(id: string): Promise<Response> {
  const timestamp = new Date().toISOString();
  const event = { id: 'the same each time', type: 'trace-create', timestamp, body: { id, timestamp } };
  return fetch(`${stack.target.url}/api/public/ingestion`, {
    method: 'POST',
    headers: { authorization: basic(stack), 'content-type': 'application/json' },
    body: JSON.stringify({ batch: [event] }),
    signal: AbortSignal.timeout(15_000),
  });
}

/** Waits until each of these traces has its one row. */
async function untilLanded(ids: readonly string[]): Promise<void> {
  const list = ids.map((id) => `'${id}'`).join();
  await waitUntil(
    `${ids.length} traces to land`,
    async () => {
      const landed = await queryClickHouse(stack, `SELECT count() FROM traces FINAL WHERE id IN (${list})`);
      if (Number(landed) !== ids.length) throw new Error(`${landed} are there`);
      return true;
    },
    { timeoutMs: TIMEOUT },
  );
}

test('503 with Retry-After while the name of S3, Redis or Postgres is gone, and for reads that of ClickHouse', async () => {
  for (const [dependency, path] of [
    ['s3', undefined],
    ['redis', undefined],
    ['postgres', undefined],
    ['clickhouse', '/api/public/traces'],
  ] as const) {
    await using _gone = await nameGone(stack, 'web', dependency);
    const ask = () =>
      path === undefined
        ? send(randomUUID())
        : fetch(`${stack.target.url}${path}`, { headers: { authorization: basic(stack) } });
    // A connection that was open may serve one more request.
    const answer = await waitUntil(
      `web to miss ${dependency}`,
      async () => {
        const response = await ask();
        return response.status === 207 || response.status === 200 ? undefined : response;
      },
      { timeoutMs: 20_000 },
    );
    expect({ dependency, status: answer.status }).toEqual({ dependency, status: 503 });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
});

test('ClickHouse refuses under traffic: all that was taken lands when it is back, and no job has failed', async () => {
  const ids: string[] = [];
  {
    await using _refused = await refused(stack, 'worker→clickhouse');
    // As long as all attempts of a job would last in Langfuse, at this scale of the back-off.
    for (let second = 0; second < 8; second += 1) {
      ids.push(...(await sendTraces(4)));
      await systemClock.sleep(1000);
    }
  }
  expect(ids.length).toBeGreaterThan(0);
  await untilLanded(ids);
});

test('the worker is told to end in the middle: it ends by itself, and nothing is lost', async () => {
  const sending = sendTraces(40);
  await stack.component('worker').stop();
  const log = (await stack.component('worker').log(20)).join('\n');
  expect(log).toContain('Every job is done or back in the queue');
  const ids = await sending;
  await stack.component('worker').start();
  expect(ids.length).toBeGreaterThan(0);
  await untilLanded(ids);
});

test('Redis loses everything while jobs wait: they are found again in S3', async () => {
  const redis = new Redis(stack.access.redis.url, { lazyConnect: true });
  try {
    let ids: string[];
    {
      await using _refused = await refused(stack, 'worker→clickhouse');
      ids = await sendTraces(20);
      expect(await redis.keys('bull:ingestion-queue:*')).not.toEqual([]);
      await redis.flushall();
    }
    expect(ids.length).toBeGreaterThan(0);
    await untilLanded(ids);
  } finally {
    redis.disconnect();
  }
});

test('ClickHouse loses its tables: their rows are made again from S3', async () => {
  const ids = await sendTraces(10);
  await untilLanded(ids);
  for (const table of ['traces', 'observations', 'scores', 'event_log']) {
    await queryClickHouse(stack, `DROP TABLE ${table}`);
  }
  await waitUntil(
    'the tables to be made again',
    async () => Number(await queryClickHouse(stack, 'SELECT count() FROM event_log')) >= ids.length,
    { timeoutMs: TIMEOUT },
  );
  await untilLanded(ids);
});
