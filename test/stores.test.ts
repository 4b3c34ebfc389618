import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRawEvents } from '../src/langfuse/storage.ts';
import { openTables, type Tables } from '../src/langfuse/tables.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import type { Stack } from '../src/stack/stack.ts';
import { collect } from './support/collect.ts';

/** What the readers of ClickHouse and S3 make of stores whose content is known. */

let stack: Stack;
beforeAll(async () => {
  stack = await startEmbeddedStack({});
});
afterAll(() => stack?.[Symbol.asyncDispose]());

describe('tables', () => {
  const AT = Date.UTC(2026, 0, 1, 12, 0, 0, 5);
  const DAY = 24 * 3600 * 1000;
  let client: ClickHouseClient;
  let tables: Tables;

  beforeAll(() => {
    client = createClient(stack.access.clickhouse);
    tables = openTables(stack.access.clickhouse);
  });
  afterAll(async () => {
    await client.close();
    await tables[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    for (const table of ['traces', 'observations', 'scores']) {
      await client.command({ query: `TRUNCATE TABLE ${table}` });
    }
  });

  const trace = (id: string, columns: Record<string, unknown> = {}) => ({
    project_id: 'p',
    id,
    timestamp: AT,
    event_ts: AT,
    is_deleted: 0,
    ...columns,
  });
  const insert = (table: string, ...values: Record<string, unknown>[]) =>
    client.insert({ table, values, format: 'JSONEachRow' });

  test('a row has the same text forms whatever the server is set to', async () => {
    await insert('traces', trace('t', { tags: ['b', 'a'], public: true, metadata: { k: '1' } }));
    await insert('observations', {
      project_id: 'p',
      id: 'o',
      trace_id: 't',
      type: 'GENERATION',
      start_time: AT,
      event_ts: AT,
      is_deleted: 0,
      provided_usage_details: { input: '18446744073709551615' },
      provided_cost_details: { total: 0.5, input: 0.000001 },
      total_cost: 1.25,
      prompt_version: 3,
    });
    await insert('scores', {
      ...trace('s'),
      trace_id: 't',
      name: 'q',
      value: 0.1,
      comment: 'c [chaos_5]',
      source: 'API',
    });
    const [stored, observation, score] = await collect(tables.readRows());
    expect(stored).toEqual({
      kind: 'trace',
      project_id: 'p',
      id: 't',
      event_ts: '2026-01-01 12:00:00.005',
      is_deleted: 0,
      timestamp: '2026-01-01 12:00:00.005',
      name: '',
      user_id: null,
      session_id: null,
      release: null,
      version: null,
      environment: 'default',
      public: true,
      bookmarked: false,
      tags: ['b', 'a'],
      metadata: { k: '1' },
      input: null,
      output: null,
    });
    expect(observation).toMatchObject({
      kind: 'observation',
      end_time: null,
      provided_usage_details: { input: '18446744073709551615' },
      provided_cost_details: { total: '0.5', input: '0.000001' },
      total_cost: '1.25',
      prompt_version: 3,
    });
    expect(score).toMatchObject({ kind: 'score', value: 0.1, comment: 'c [chaos_5]' });
  });

  test('of several versions the newest is read, hidden or not; two days of one id are two rows', async () => {
    await insert(
      'traces',
      trace('updated'),
      trace('hidden'),
      trace('back', { is_deleted: 1 }),
      trace('days'),
    );
    await insert(
      'traces',
      trace('updated', { event_ts: AT + 1, name: 'new' }),
      trace('hidden', { event_ts: AT + 1, is_deleted: 1 }),
      trace('back', { event_ts: AT + 1 }),
      trace('days', { timestamp: AT + DAY }),
      trace('elsewhere', { project_id: 'q' }),
    );
    const rows = await collect(tables.readRows());
    expect(rows.map((row) => `${row.project_id} ${row.id} ${row.name} ${row.is_deleted}`).toSorted()).toEqual(
      ['p back  0', 'p days  0', 'p days  0', 'p hidden  1', 'p updated new 0', 'q elsewhere  0'],
    );
    expect(await tables.rowCounts()).toEqual({ trace: 5, observation: 0, score: 0 });
    expect(await tables.rowCounts('q')).toEqual({ trace: 1, observation: 0, score: 0 });
  });

  test('rows are chosen by project, kind and ids, of which there may be many and of any characters', async () => {
    const odd = `it's a \\ "trace"\n☃`;
    await insert('traces', trace(odd), trace('other'), trace('other', { project_id: 'q' }));
    const ids = Array.from({ length: 2000 }, (_, n) => `00000000-0000-4000-8000-${n}`);
    const rows = await collect(tables.readRows({ projectId: 'p', kind: 'trace', ids: [...ids, odd] }));
    expect(rows.map((row) => row.id)).toEqual([odd]);
    expect(await collect(tables.readRows({ ids: [] }))).toEqual([]);
  });

  test('the marks of rows merged since a moment', async () => {
    await insert('traces', trace('old', { metadata: { chaos_1: 'e' } }));
    await insert(
      'traces',
      trace('new', { event_ts: AT + 10, metadata: { chaos_2: 'e', own: 'x', chaos_z: 'f' } }),
    );
    await insert('scores', { ...trace('s', { event_ts: AT + 20 }), name: 'q', comment: 'good [chaos_10]' });
    const since = await tables.newMarks('p', AT + 10);
    expect(since).toEqual([
      { entity: 'trace/new', marks: [2, 35] },
      { entity: 'score/s', marks: [36] },
    ]);
    expect((await tables.newMarks('p', AT)).length).toBe(3);
    expect(await tables.newMarks('q', 0)).toEqual([]);
  });

  test('100,000 rows are streamed', async () => {
    await insert('traces', ...Array.from({ length: 100_000 }, (_, n) => trace(`t${n}`)));
    let count = 0;
    for await (const _ of tables.readRows({ projectId: 'p', kind: 'trace' })) count += 1;
    expect(count).toBe(100_000);
  });

  test('a wrong password is an error without the password in it, and no answer', async () => {
    await using locked = openTables({ ...stack.access.clickhouse, password: 'not the password' });
    expect(await locked.answers()).toBe(false);
    const error = await locked.rowCounts().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'E_CLICKHOUSE' });
    expect(error.message).not.toContain('not the password');
  });

  test('a paused ClickHouse is no answer within 3 s', async () => {
    expect(await tables.answers()).toBe(true);
    await stack.component('clickhouse').pause();
    expect(await tables.answers()).toBe(false);
    await stack.component('clickhouse').resume();
    expect(await tables.answers()).toBe(true);
  });
});

describe('raw events', () => {
  const event = (id: string) => ({
    id: 'e',
    timestamp: '2026-01-01T00:00:00.000Z',
    type: 'trace-create',
    body: { id },
  });

  test('a listing goes on over its pages, and objects are read in order', async () => {
    const { s3 } = stack.access;
    const keyOf = (id: string) => `${s3.prefix}listed/trace/${id}/e.json`;
    const ids = ['a/b', 'ü +%&☃', ...Array.from({ length: 1000 }, (_, n) => `t${n}`)];
    const client = new S3Client({ ...s3, credentials: s3, forcePathStyle: true });
    for (let at = 0; at < ids.length; at += 40) {
      const put = (id: string) => {
        const Body = JSON.stringify([event(id)]);
        return client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: keyOf(id), Body }));
      };
      await Promise.all(ids.slice(at, at + 40).map(put));
    }
    client.destroy();

    await using rawEvents = openRawEvents(s3);
    const objects = await collect(rawEvents.list('listed'));
    expect(objects.map(({ entity }) => entity).toSorted()).toEqual(ids.map((id) => `trace/${id}`).toSorted());

    const some = [...ids.slice(0, 50), 'none'];
    const contents = await rawEvents.read(some.map(keyOf));
    expect(contents.map(({ key }) => key)).toEqual(some.map(keyOf));
    expect(contents.map((content) => 'events' in content && content.events[0]?.body.id)).toEqual([
      ...ids.slice(0, 50),
      false,
    ]);
    expect(contents.at(-1)).toMatchObject({ problem: 'missing' });
    expect(await collect(rawEvents.list('another'))).toEqual([]);
  });

  test('a wrong key is an error', async () => {
    await using rawEvents = openRawEvents({ ...stack.access.s3, secretAccessKey: 'not the key' });
    await expect(collect(rawEvents.list('p'))).rejects.toMatchObject({ code: 'E_S3' });
  });
});
