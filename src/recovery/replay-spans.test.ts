import { expect, test } from 'vitest';
import type { WriteMode } from '../langfuse/profile.ts';
import { profileOf } from '../langfuse/profile.ts';
import type { QueuedJob } from '../langfuse/queued-jobs.ts';
import { parseRawSpans } from '../langfuse/raw-spans.ts';
import type { ReplayJob } from '../langfuse/replay-job.ts';
import { parseEvents, parseKey, type RawEvents } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import { replayFromS3 } from './replay-from-s3.ts';

const FOLDER = 'events/otel/p/2026/01/01/12/00';

interface Span {
  readonly id: string;
  readonly mark: number;
  /** A span of its own, with the trace of this id, unless told. */
  readonly parent?: string;
}

/** The object of one request with these spans of one trace. */
const object = (trace: string, ...spans: readonly Span[]) =>
  JSON.stringify([
    {
      scopeSpans: [
        {
          spans: spans.map(({ id, mark, parent }) => ({
            traceId: trace,
            spanId: id,
            ...(parent === undefined ? {} : { parentSpanId: parent }),
            attributes: [{ key: `langfuse.observation.metadata.chaos_${mark.toString(36)}` }],
          })),
        },
      ],
    },
  ]);

const row = (kind: StoredRow['kind'], id: string, ...marks: readonly number[]): StoredRow => ({
  ...{ kind, project_id: 'p', id, event_ts: '2026-01-01 00:00:00.000', is_deleted: 0 },
  metadata: Object.fromEntries(marks.map((n) => [`chaos_${n.toString(36)}`, 'x'])),
});

/** Replays, and gives the objects for which jobs were added, the gaps, and what was left alone. */
async function replay(
  objects: Readonly<Record<string, string>>,
  rows: readonly StoredRow[],
  more: {
    readonly writeMode?: WriteMode;
    readonly version?: string;
    readonly dryRun?: boolean;
    readonly queued?: readonly QueuedJob[];
    readonly entities?: Readonly<Record<string, string>>;
  } = {},
) {
  const { writeMode = 'events_only', version = '4.16.0', dryRun = false, queued = [], entities = {} } = more;
  const storage: RawEvents = {
    async *list() {
      for (const key of Object.keys(entities)) {
        const place = parseKey(key, 'events/p/');
        if (place) yield { key, ...place, lastModified: 1, size: 1 };
      }
    },
    read: async (keys) => keys.map((key) => parseEvents(key, entities[key] ?? '')),
    async *listSpans() {
      for (const name of Object.keys(objects)) yield { key: `${FOLDER}/${name}`, lastModified: 1, size: 1 };
    },
    readSpans: async (keys) =>
      keys.map((key) => parseRawSpans(key, objects[key.slice(FOLDER.length + 1)] ?? '')),
    [Symbol.asyncDispose]: async () => {},
  };
  const added: ReplayJob[] = [];
  const { record, gaps } = await replayFromS3({
    projectId: 'p',
    facts: { profile: profileOf(version).profile, writeMode },
    storage,
    tables: {
      answers: async () => true,
      async *readRows({ kind, ids } = {}) {
        yield* rows.filter((each) => each.kind === kind && ids?.includes(each.id));
      },
    },
    queue: {
      depths: async () => ({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
      async *jobs() {
        yield* queued;
      },
      addReplayJobs: async (_profile, _projectId, jobs) => {
        added.push(...jobs);
      },
    },
    dryRun,
  });
  const names = added.map((job) => ('object' in job ? job.object.slice(FOLDER.length + 1) : job.entity));
  return { names, gaps, skipped: record.skipped, done: record.done };
}

const WHOLE = object('t1', { id: 'a', mark: 1 });
const HALF = object('t2', { id: 'b', mark: 2 }, { id: 'c', mark: 3, parent: 'b' });

test('one job for each object of which something is missing, none for what is whole', async () => {
  const found = await replay({ 'whole.json': WHOLE, 'half.json': HALF }, [
    row('observation', 'a', 1),
    row('observation', 'b', 2),
  ]);
  expect(found.names).toEqual(['half.json']);
  expect(found.done).toBe(1);
  expect(found.gaps).toEqual([{ entity: 'observation/c', landed: 'missing' }]);
  expect(found.skipped).toEqual([{ reason: 'whole', count: 1 }]);
});

test('a row without the mark of the span is not that span', async () => {
  const { names, gaps } = await replay({ 'o.json': WHOLE }, [row('observation', 'a', 7)]);
  expect(names).toEqual(['o.json']);
  expect(gaps).toEqual([{ entity: 'observation/a', landed: 'incomplete' }]);
});

test('a hidden row counts as none', async () => {
  const hidden = { ...row('observation', 'a', 1), is_deleted: 1 as const };
  expect((await replay({ 'o.json': WHOLE }, [hidden])).names).toEqual(['o.json']);
});

test('traces have rows of their own only where the older tables are filled', async () => {
  const rows = [row('observation', 'a', 1)];
  expect((await replay({ 'o.json': WHOLE }, rows, { writeMode: 'events_only' })).names).toEqual([]);
  const dual = await replay({ 'o.json': WHOLE }, rows, { writeMode: 'dual' });
  expect(dual.names).toEqual(['o.json']);
  expect(dual.gaps).toEqual([{ entity: 'trace/t1', landed: 'missing' }]);
});

test('what an entity’s own job brings is not missing', async () => {
  const event = { id: 'e', timestamp: '2026-01-01T12:00:00.000Z', type: 'trace-create', body: { id: 't1' } };
  const entities = { 'events/p/trace/t1/e.json': JSON.stringify([event]) };
  const { names } = await replay({ 'o.json': WHOLE }, [row('observation', 'a', 1)], {
    writeMode: 'dual',
    entities,
  });
  expect(names).toEqual(['trace/t1']);
});

test('an object with a job that waits is left alone, one whose job has failed is not', async () => {
  const job = (state: QueuedJob['state']): QueuedJob => ({
    ...{ id: 'otel-ingestion-queue:1', state, projectId: 'p', entity: undefined },
    ...{ object: `${FOLDER}/o.json`, attemptsMade: 0 },
  });
  const waiting = await replay({ 'o.json': WHOLE }, [], { queued: [job('delayed')] });
  expect(waiting.names).toEqual([]);
  expect(waiting.gaps).toEqual([
    { entity: 'observation/a', landed: 'missing', skipped: 'a job for it is queued' },
  ]);
  expect((await replay({ 'o.json': WHOLE }, [], { queued: [job('failed')] })).names).toEqual(['o.json']);
});

test.each([
  ['corrupt', { 'o.json': '[{' }, {}, 'an object is corrupt: the worker fails on it each time'],
  [
    'of a version that has no queue for it',
    { 'o.json': WHOLE },
    { version: '3.36.0' },
    'this version has no queue for spans',
  ],
  ['in a dry run', { 'o.json': WHOLE }, { dryRun: true }, 'dry run'],
])('an object that is %s is left alone, and it is said why', async (_, objects, more, reason) => {
  const { names, skipped } = await replay(objects, [], more);
  expect(names).toEqual([]);
  expect(skipped).toEqual([{ reason, count: 1 }]);
});
