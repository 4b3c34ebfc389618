import { expect, test } from 'vitest';
import { collect } from '../../test/support/collect.ts';
import type { EntityKey, IngestionEvent } from '../langfuse/events.ts';
import { withMark } from '../langfuse/mark.ts';
import { FIRST_PROFILE } from '../langfuse/profiles.ts';
import { parseEvents, parseKey, type RawEvents } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import { entityFolders, type Reconciled, reconcile } from './reconcile.ts';

const AT = '2026-01-01T12:00:00.000Z';
const LATER = '2026-01-01T12:00:05.000Z';

const facts = { profile: FIRST_PROFILE, writeMode: 'legacy' } as const;

/** A bucket in memory: key without the project → text; `listed` keys are in the listing only. */
function bucket(texts: Record<string, string>, listed: readonly string[] = []): RawEvents {
  return {
    async *list() {
      for (const key of [...Object.keys(texts), ...listed]) {
        const place = parseKey(`p/${key}`, 'p/');
        if (place) yield { key, ...place, lastModified: Date.parse(AT), size: texts[key]?.length ?? 0 };
      }
    },
    read: async (keys) =>
      keys.map((key) => {
        const text = texts[key];
        return text === undefined ? { key, problem: 'missing', text: 'gone' } : parseEvents(key, text);
      }),
    async *listSpans() {},
    readSpans: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
}

const event = (id: string, n: number): IngestionEvent =>
  withMark({ id: `e${n}`, timestamp: AT, type: 'trace-create', body: { id } }, n);
const text = (...events: IngestionEvent[]) => JSON.stringify(events);
const row = (id: string, ...marks: number[]): StoredRow => ({
  kind: 'trace',
  project_id: 'p',
  id,
  event_ts: '2026-01-01 12:00:01.000',
  is_deleted: 0,
  metadata: Object.fromEntries(marks.map((n) => [`chaos_${n.toString(36)}`, 'x'])),
});

async function run(storage: RawEvents, rows: readonly StoredRow[]): Promise<Reconciled[]> {
  const tables = {
    async *readRows({ ids }: { ids?: readonly string[] } = {}) {
      yield* rows.filter(({ id }) => ids?.includes(id));
    },
  };
  return collect(reconcile({ projectId: 'p', facts, storage, tables }));
}

test('each entity is compared with all its objects', async () => {
  const storage = bucket({
    'trace/gone/1.json': text(event('gone', 1)),
    'trace/half/2.json': text(event('half', 2)),
    'trace/half/3.json': text(event('half', 3)),
    'trace/there/4.json': text(event('there', 4), event('there', 5)),
  });
  expect(await run(storage, [row('half', 2), row('there', 4, 5)])).toMatchObject([
    { entity: 'trace/gone', landed: 'missing', eventIds: ['e1'], type: 'trace-create', month: '2026-01' },
    {
      entity: 'trace/half',
      landed: 'incomplete',
      eventIds: ['e2', 'e3'],
      type: 'trace-create',
      month: '2026-01',
    },
    { entity: 'trace/there', landed: 'whole', eventIds: ['e4', 'e5'], type: 'trace-create' },
  ]);
});

test('what can never land says why', async () => {
  const storage = bucket({
    'trace/corrupt/1.json': text(event('corrupt', 1)),
    'trace/corrupt/2.json': '[{',
    'trace/empty/3.json': '[]',
    'trace/other/4.json': text(event('another', 4)),
    'trace/nameless/5.json': text({ ...event('x', 5), body: {} }),
  });
  const found = await run(storage, [row('corrupt', 1)]);
  expect(found.map(({ entity, landed, obstacle }) => [entity, landed, obstacle])).toEqual([
    ['trace/corrupt', 'incomplete', 'an object is corrupt: the worker fails on it each time'],
    ['trace/empty', 'missing', 'its objects hold no event'],
    ['trace/other', 'missing', 'an event names another entity, or none'],
    ['trace/nameless', 'missing', 'an event names another entity, or none'],
  ]);
});

test('an object that is gone since it was listed is left out, and with its last one the entity', async () => {
  const storage = bucket({ 'trace/a/1.json': text(event('a', 1)) }, ['trace/a/2.json', 'trace/b/3.json']);
  expect((await run(storage, [row('a', 1)])).map(({ entity, landed }) => [entity, landed])).toEqual([
    ['trace/a', 'whole'],
  ]);
});

test('the worker reads the first 1,000 objects; what lies behind them can not land', async () => {
  const texts: Record<string, string> = {};
  for (let n = 1000; n < 2001; n += 1) texts[`trace/long/${n}.json`] = text(event('long', n));
  const first = Array.from({ length: 1000 }, (_, n) => 1000 + n);
  const [before] = await run(bucket(texts), []);
  expect([before?.landed, before?.obstacle]).toEqual(['missing', undefined]);
  const [after] = await run(bucket(texts), [row('long', ...first)]);
  expect([after?.landed, after?.obstacle]).toEqual([
    'incomplete',
    'more than 1,000 objects: the worker reads no more',
  ]);
});

test('batches are of one kind and end at 200 entities or 32 MB', async () => {
  const keys = (kind: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${kind}/x${n}/e.json`);
  const storage = bucket({}, [...keys('trace', 250), ...keys('score', 1)]);
  const sizes: [EntityKey | undefined, number][] = [];
  for await (const batch of entityFolders({ storage, projectId: 'p' })) {
    sizes.push([batch[0]?.entity, batch.length]);
  }
  expect(sizes).toEqual([
    ['trace/x0', 200],
    ['trace/x200', 50],
    ['score/x0', 1],
  ]);

  const big = 'x'.repeat(20 * 1024 * 1024);
  const heavy = bucket({ 'trace/a/1': big, 'trace/b/1': big, 'trace/c/1': '' });
  const batches = await collect(entityFolders({ storage: heavy, projectId: 'p' }));
  expect(batches.map((batch) => batch.length)).toEqual([2, 1]);
});

test('an entity that ClickHouse refuses has an obstacle, unless it is there', async () => {
  const half = withMark({ ...event('half', 1), body: { id: 'half', output: 'cut \ud83d' } }, 1);
  const [found] = await run(bucket({ 'trace/half/1.json': text(half) }), []);
  expect(found?.obstacle).toMatch(
    /^ClickHouse refuses its row and all others of the INSERT: output has half/,
  );
  // A target that mends what it is sent has stored it.
  const [there] = await run(bucket({ 'trace/half/1.json': text(half) }), [row('half', 1)]);
  expect(there).toMatchObject({ landed: 'whole' });
  expect(there?.obstacle).toBeUndefined();
  // A later event has replaced it.
  const mended = withMark(
    { ...event('half', 2), timestamp: LATER, body: { id: 'half', output: 'mended' } },
    2,
  );
  const [replaced] = await run(
    bucket({ 'trace/half/1.json': text(half), 'trace/half/2.json': text(mended) }),
    [],
  );
  expect(replaced?.obstacle).toBeUndefined();
});
