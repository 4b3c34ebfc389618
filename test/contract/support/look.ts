import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pMap from 'p-map';
import pg from 'pg';
import { waitUntil } from '../../../src/base/wait-until.ts';
import type { Component, Stack } from '../../../src/stack/stack.ts';
import { FAILED_FOR_GOOD, RETRIED } from './target.ts';

/** Rows of ClickHouse, past the links. */
export async function rows(
  { access }: Stack,
  query: string,
  params: Record<string, unknown> = {},
): Promise<Record<string, unknown>[]> {
  await using client = createClient({ ...access.clickhouse, log: { level: ClickHouseLogLevel.OFF } });
  return (await client.query({ query, query_params: params, format: 'JSONEachRow' })).json();
}

/** Of some ids those that have a live row, each as often as it has one. */
export async function landed(
  stack: Stack,
  table: 'traces' | 'observations' | 'scores',
  ids: readonly string[],
): Promise<string[]> {
  const query = `SELECT id FROM ${table} FINAL WHERE id IN {ids: Array(String)} ORDER BY id`;
  return (await rows(stack, query, { ids })).map(({ id }) => String(id));
}

/** Waits until each id has a row. */
export async function untilLanded(
  stack: Stack,
  table: 'traces' | 'observations' | 'scores',
  ids: readonly string[],
  timeoutMs = RETRIED.timeoutMs,
): Promise<void> {
  const all = async () => (await landed(stack, table, ids)).length >= ids.length;
  await waitUntil(`${ids.length} rows of ${table}`, all, { timeoutMs });
}

/** The newest row of an entity; waits for it. */
export async function untilRow(
  stack: Stack,
  table: 'traces' | 'observations' | 'scores',
  id: string,
): Promise<Record<string, unknown>> {
  await untilLanded(stack, table, [id]);
  const [row] = await rows(stack, `SELECT * FROM ${table} FINAL WHERE id = {id: String}`, { id });
  return row ?? {};
}

/** The newest row of a span in `events_full`, of v4; waits for it. `total_cost` is an alias, so it is asked for. */
export async function untilEventRow(stack: Stack, spanId: string): Promise<Record<string, unknown>> {
  const query = 'SELECT *, total_cost FROM events_full FINAL WHERE span_id = {id: String}';
  return await waitUntil(
    'a row of events_full',
    async () => (await rows(stack, query, { id: spanId }))[0],
    RETRIED,
  );
}

/** Writes rows past the application, in one insert; columns that are left out get their defaults. */
export async function insertRows({ access }: Stack, table: string, values: object[]): Promise<void> {
  await using client = createClient({ ...access.clickhouse, log: { level: ClickHouseLogLevel.OFF } });
  await client.insert({ table, values, format: 'JSONEachRow' });
}

/** Deletes an entity's rows; resolves when they are gone. */
export async function deleteRow({ access }: Stack, table: string, id: string): Promise<void> {
  await using client = createClient({ ...access.clickhouse, log: { level: ClickHouseLogLevel.OFF } });
  await client.command({
    query: `ALTER TABLE ${table} DELETE WHERE id = {id: String} SETTINGS mutations_sync = 1`,
    query_params: { id },
  });
}

function s3({ access }: Stack) {
  const { endpoint, region, accessKeyId, secretAccessKey } = access.s3;
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
}

/** Names of the objects of an entity, below the stack's prefix and project. @param folder `trace/<id>/` */
export async function objectsOf(stack: Stack, folder: string): Promise<string[]> {
  const { bucket, prefix } = stack.access.s3;
  const root = `${prefix}${stack.target.projectId}/${folder}`;
  const { Contents = [] } = await s3(stack).send(new ListObjectsV2Command({ Bucket: bucket, Prefix: root }));
  return Contents.map(({ Key = '' }) => Key.slice(root.length));
}

/** The events of an object. */
export async function objectAt(stack: Stack, path: string): Promise<unknown> {
  const { bucket, prefix } = stack.access.s3;
  const key = `${prefix}${stack.target.projectId}/${path}`;
  const { Body } = await s3(stack).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return JSON.parse((await Body?.transformToString()) ?? '');
}

/** The requests with spans that are stored as they are, from v3.113.0 on: full names of the objects, and their spans. */
export async function rawSpans(stack: Stack): Promise<{ key: string; spans: unknown }[]> {
  const { bucket, prefix } = stack.access.s3;
  const client = s3(stack);
  const root = `${prefix}otel/${stack.target.projectId}/`;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: root }));
  return pMap(Contents, async ({ Key = '' }) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return { key: Key, spans: JSON.parse((await Body?.transformToString()) ?? '') as unknown };
  });
}

/** Writes an object as web would, but with any text. */
export async function putObjects(
  stack: Stack,
  objects: readonly [path: string, text: string][],
): Promise<void> {
  const { bucket, prefix } = stack.access.s3;
  const client = s3(stack);
  await pMap(
    objects,
    ([path, text]) =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `${prefix}${stack.target.projectId}/${path}`,
          Body: text,
        }),
      ),
    { concurrency: 50 },
  );
}

/** Asks Redis, past the links. */
export async function redis<Result>(
  { access }: Stack,
  ask: (client: Redis) => Promise<Result>,
): Promise<Result> {
  const client = new Redis(access.redis.url);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

/** A queue of Langfuse's, past the links. */
export function openQueue({ access }: Stack, name = 'ingestion-queue') {
  const connection = new Redis(access.redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue(name, { connection, skipMetasUpdate: true });
  return {
    queue,
    /** Jobs in all states by state. */
    counts: () => queue.getJobCounts('wait', 'paused', 'prioritized', 'active', 'delayed', 'failed'),
    /** Waits until no job is on its way, failed ones aside. */
    untilIdle: () =>
      waitUntil(
        'the queue to be empty',
        async () => {
          const counts = await queue.getJobCounts('wait', 'paused', 'prioritized', 'active', 'delayed');
          return Object.values(counts).every((count) => count === 0);
        },
        RETRIED,
      ),
    untilFailed: (count: number) =>
      waitUntil(
        `${count} failed jobs`,
        async () => (await queue.getFailedCount()) === count,
        FAILED_FOR_GOOD,
      ),
    /** The job of an entity; undefined if there is none. */
    async jobOf(entityId: string): Promise<Job | undefined> {
      const jobs = await queue.getJobs(['wait', 'paused', 'active', 'delayed', 'failed']);
      return jobs.find((job) => job.data.payload.data.eventBodyId === entityId);
    },
    /** Adds a job by hand, without a file key. */
    async addFor(stack: Stack, type: string, eventBodyId: string): Promise<void> {
      await queue.add(
        'ingestion-job',
        {
          id: eventBodyId,
          timestamp: new Date(),
          name: 'ingestion-job',
          payload: {
            data: { type, eventBodyId },
            authCheck: { validKey: true, scope: { projectId: stack.target.projectId, accessLevel: 'all' } },
          },
        },
        { removeOnComplete: true },
      );
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      connection.disconnect();
    },
  };
}

/** Rows of Postgres, past the links. */
export async function sql({ access }: Stack, query: string, values: unknown[] = []): Promise<object[]> {
  const client = new pg.Client({ connectionString: access.postgres.url });
  await client.connect();
  try {
    return (await client.query(query, values)).rows;
  } finally {
    await client.end();
  }
}

/** Rows of a table that the worker says it has dropped: a line for each row, or from v3.148.0 on one for all of an insert. */
export async function dropped(stack: Stack, table: string): Promise<number> {
  const lines = await stack.component('worker').log(20_000);
  const counts = lines.map((line) => {
    if (line.includes(`Max attempts reached for ${table} record`)) return 1;
    return Number(new RegExp(`Max attempts reached, dropped (\\d+) ${table} record`).exec(line)?.[1] ?? 0);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** How many of a component's last log lines contain a text. */
export async function logged(stack: Stack, component: Component, text: string): Promise<number> {
  const lines = await stack.component(component).log(20_000);
  return lines.filter((line) => line.includes(text)).length;
}
