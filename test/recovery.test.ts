import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { setProxyEnabled } from '../src/faults/proxy.ts';
import type { EventType, IngestionEvent } from '../src/langfuse/events.ts';
import { withMark } from '../src/langfuse/mark.ts';
import { FIRST_PROFILE } from '../src/langfuse/profiles.ts';
import { type IngestionQueue, openIngestionQueue } from '../src/langfuse/queue.ts';
import { openRawEvents, type RawEvents } from '../src/langfuse/storage.ts';
import type { StoredRow } from '../src/langfuse/stored-row.ts';
import { openTables, type Tables } from '../src/langfuse/tables.ts';
import { type Reconciled, reconcile } from '../src/recovery/reconcile.ts';
import { replayFromS3 } from '../src/recovery/replay-from-s3.ts';
import { retryFailedJobs } from '../src/recovery/retry-failed.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import type { Stack } from '../src/stack/stack.ts';
import { collect } from './support/collect.ts';

/** Recovery on the whole embedded stack: its web, its worker, its stores. */

let stack: Stack;
let queue: IngestionQueue;
let tables: Tables;
let storage: RawEvents;

beforeAll(async () => {
  // Five attempts within a second instead of 75.
  const settings = { REFERENCE_BACKOFF_SCALE: '0.01', LANGFUSE_INGESTION_QUEUE_DELAY_MS: '0' };
  stack = await startEmbeddedStack({ settings: { web: settings, worker: settings } });
  queue = await openIngestionQueue(stack.access.redis);
  tables = openTables(stack.access.clickhouse);
  storage = openRawEvents(stack.access.s3);
});
afterAll(async () => {
  await storage?.[Symbol.asyncDispose]();
  await tables?.[Symbol.asyncDispose]();
  await queue?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

const AT = '2026-01-01T12:00:00.000Z';
const LATER = '2026-01-01T12:00:05.000Z';
let sent = 0;

/** An event of its own id. */
function event(type: EventType, body: Record<string, unknown>, timestamp = AT): IngestionEvent {
  sent += 1;
  return { id: `event-${sent}`, timestamp, type, body };
}
const marked = (type: EventType, body: Record<string, unknown>, timestamp = AT) => {
  const made = event(type, body, timestamp);
  return withMark(made, sent);
};

/** Sends events in one request and asserts that each is acknowledged. */
async function send(...batch: IngestionEvent[]): Promise<void> {
  const { url, publicKey, secretKey } = stack.target;
  const answer = await fetch(`${url}/api/public/ingestion`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${publicKey}:${secretKey}`)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ batch }),
  });
  expect([answer.status, await answer.json()]).toMatchObject([207, { errors: [] }]);
}

const facts = { profile: FIRST_PROFILE, writeMode: 'legacy' } as const;
const sources = () => ({ projectId: stack.target.projectId, facts, storage, tables });
const replay = () => replayFromS3({ ...sources(), queue });

async function gaps(): Promise<Reconciled[]> {
  const found: Reconciled[] = [];
  for await (const entity of reconcile(sources())) if (entity.landed !== 'whole') found.push(entity);
  return found;
}
const landedAll = () =>
  waitUntil('everything to have landed', async () => (await gaps()).length === 0, {
    timeoutMs: 30_000,
    intervalMs: 300,
  });

async function inClickHouse(
  work: (client: ReturnType<typeof createClient>) => Promise<unknown>,
): Promise<void> {
  await using client = createClient({ ...stack.access.clickhouse });
  await work(client);
}

const rowsOf = async (id: string) =>
  (await collect(tables.readRows({ projectId: stack.target.projectId }))).filter((row) => row.id === id);

test('a replay brings back exactly what is missing or incomplete, and a second one finds nothing to do', async () => {
  await send(
    marked('trace-create', { id: 'whole', timestamp: AT }),
    marked('trace-create', { id: 'missing', timestamp: AT, name: 'n' }),
    marked('trace-create', { id: 'hidden', timestamp: AT }),
    marked('trace-create', { id: 'half', timestamp: AT }),
    event('trace-create', { id: 'plain', timestamp: AT, name: 'first' }),
    event('trace-create', { id: 'plain-whole', timestamp: AT, input: { question: 1 }, tags: ['b', 'a'] }),
    marked('span-create', { id: 'span', traceId: 'whole', startTime: AT }),
    marked('generation-create', { id: 'généré ☃', traceId: 'whole', startTime: AT, usage: { input: 3 } }),
    marked('score-create', { id: 'score', traceId: 'whole', name: 'q', value: 1 }),
  );
  await landedAll();
  await send(
    marked('trace-create', { id: 'half', timestamp: AT, userId: 'u' }, LATER),
    event('trace-create', { id: 'plain', timestamp: AT, name: 'second' }, LATER),
    marked('score-create', { id: 'score', traceId: 'whole', name: 'q', value: 2 }, LATER),
    marked('span-update', { id: 'span', traceId: 'whole', endTime: LATER }, LATER),
  );
  await landedAll();
  const before = await collect(tables.readRows({ projectId: stack.target.projectId }));

  // What an outage leaves behind: rows that are gone, and rows as they stood before their last event.
  await inClickHouse(async (client) => {
    const remove = (table: string, ids: string) =>
      client.command({
        query: `ALTER TABLE ${table} DELETE WHERE id IN (${ids})`,
        clickhouse_settings: { mutations_sync: '1' },
      });
    await remove('traces', `'missing', 'half', 'plain'`);
    await remove('observations', `'généré ☃'`);
    await remove('scores', `'score'`);
    const stale = { project_id: stack.target.projectId, event_ts: Date.now(), timestamp: Date.parse(AT) };
    const [half] = before.filter((row) => row.id === 'half');
    const [firstMark] = Object.entries(half?.metadata ?? {});
    await client.insert({
      table: 'traces',
      format: 'JSONEachRow',
      values: [
        { ...stale, id: 'half', metadata: Object.fromEntries([firstMark ?? []]) },
        { ...stale, id: 'plain', name: 'first' },
        { ...stale, id: 'hidden', is_deleted: 1 },
      ],
    });
    await client.insert({
      table: 'scores',
      format: 'JSONEachRow',
      values: [{ ...stale, id: 'score', trace_id: 'whole', name: 'q', value: 1, comment: '[chaos_9]' }],
    });
  });
  const expected = [
    { entity: 'observation/généré ☃', landed: 'missing' },
    { entity: 'score/score', landed: 'incomplete' },
    { entity: 'trace/half', landed: 'incomplete' },
    { entity: 'trace/hidden', landed: 'missing' },
    { entity: 'trace/missing', landed: 'missing' },
    { entity: 'trace/plain', landed: 'incomplete' },
  ];
  const byEntity = (list: readonly { entity: string }[]) =>
    list.toSorted((a, b) => (a.entity < b.entity ? -1 : 1));

  const dry = await replayFromS3({ ...sources(), queue, dryRun: true });
  expect(dry.record).toMatchObject({ done: 0 });
  expect(byEntity(dry.gaps)).toEqual(expected.map((gap) => ({ ...gap, skipped: 'dry run' })));

  const first = await replay();
  expect(first.record).toMatchObject({
    step: 'replay from S3',
    done: 6,
    skipped: [{ reason: 'whole', count: 3 }],
  });
  expect(byEntity(first.gaps)).toEqual(expected);
  await landedAll();

  const second = await replay();
  expect(second.record).toMatchObject({ done: 0, skipped: [{ reason: 'whole', count: 9 }] });
  expect(second.gaps).toEqual([]);
  const content = (rows: readonly StoredRow[]) =>
    rows.map(({ event_ts, ...row }) => row).toSorted((a, b) => (a.kind + a.id < b.kind + b.id ? -1 : 1));
  expect(content(await collect(tables.readRows({ projectId: stack.target.projectId })))).toEqual(
    content(before),
  );
});

test('what can never land is left alone, with the reason, and what is queued as well', async () => {
  const { s3 } = stack.access;
  const client = new S3Client({ ...s3, credentials: s3, forcePathStyle: true });
  const put = (path: string, text: string) =>
    client.send(
      new PutObjectCommand({
        Bucket: s3.bucket,
        Key: `${s3.prefix}${stack.target.projectId}/${path}`,
        Body: text,
      }),
    );
  await put('trace/corrupt/e.json', '[{"id":');
  await put('trace/misplaced/e.json', JSON.stringify([event('trace-create', { id: 'elsewhere' })]));
  await put('trace/queued/e.json', JSON.stringify([marked('trace-create', { id: 'queued', timestamp: AT })]));
  client.destroy();
  await stack.component('worker').pause();
  await queue.addReplayJobs(FIRST_PROFILE, stack.target.projectId, [
    { entity: 'trace/queued', type: 'trace-create', folder: 'trace/queued/' },
  ]);

  const { record, gaps: left } = await replay();
  await stack.component('worker').resume();
  expect(record.done).toBe(0);
  expect(left.map(({ entity, skipped }) => [entity, skipped])).toEqual([
    ['trace/corrupt', 'an object is corrupt: the worker fails on it each time'],
    ['trace/misplaced', 'an event names another entity, or none'],
    ['trace/queued', 'a job for it is queued'],
  ]);
  await waitUntil('the queued entity to land', async () => (await rowsOf('queued')).length > 0, {
    timeoutMs: 15_000,
  });
});

test('failed jobs land once they are retried, and not while the worker can not reach ClickHouse', async () => {
  const ids = Array.from({ length: 60 }, (_, n) => `failed-${n}`);
  await setProxyEnabled(stack, 'worker→clickhouse', false);
  await send(...ids.map((id) => marked('trace-create', { id, timestamp: AT })));
  await waitUntil('all jobs to have failed', async () => (await queue.depths()).failed === 60, {
    timeoutMs: 30_000,
  });
  const jobs = await collect(queue.jobs());
  expect(jobs.map(({ entity, state }) => `${state} ${entity}`).toSorted()).toEqual(
    ids.map((id) => `failed trace/${id}`).toSorted(),
  );
  expect(new Set(jobs.map(({ attemptsMade }) => attemptsMade))).toEqual(new Set([5]));

  // ClickHouse answers the harness, not the worker.
  expect(await tables.answers()).toBe(true);
  const tooEarly = await retryFailedJobs({ queue, tables });
  expect(tooEarly.done).toBe(20);
  expect(tooEarly.skipped).toMatchObject([{ count: 40 }]);
  expect(tooEarly.skipped[0]?.reason).toContain('ECONNREFUSED');

  await setProxyEnabled(stack, 'worker→clickhouse', true);
  expect(await retryFailedJobs({ queue, tables })).toMatchObject({ done: 60, skipped: [] });
  await waitUntil(
    'the rows to land',
    async () => {
      const landed = await collect(tables.readRows({ projectId: stack.target.projectId, ids }));
      return landed.length === 60;
    },
    { timeoutMs: 15_000 },
  );
});

test('a replay stops when ClickHouse goes away, and the next one does the rest', async () => {
  await inClickHouse((client) =>
    client.command({
      query: `ALTER TABLE traces DELETE WHERE id IN ('failed-1', 'failed-2')`,
      clickhouse_settings: { mutations_sync: '1' },
    }),
  );
  await stack.component('clickhouse').kill();
  const stopped = await replayFromS3({ ...sources(), queue, patienceMs: 600 });
  expect(stopped.record.done).toBe(0);
  expect(stopped.record.skipped).toMatchObject([
    { reason: 'stopped: Waited 0.6 s for ClickHouse to answer; the last look gave false.' },
  ]);
  expect(await queue.depths()).toMatchObject({ waiting: 0, active: 0 });

  await stack.component('clickhouse').start();
  expect((await replay()).record.done).toBe(2);
  await waitUntil('the rows to land', async () => (await rowsOf('failed-2')).length === 1, {
    timeoutMs: 15_000,
  });
});
