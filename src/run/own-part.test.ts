import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import type { QueuedJob } from '../langfuse/queued-jobs.ts';
import type { SpansContent } from '../langfuse/raw-spans.ts';
import type { RawObject } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import type { RowFilter } from '../langfuse/tables.ts';
import { ownPart, type Parts, requireUnsent } from './own-part.ts';

const BODY = JSON.stringify({
  batch: [{ id: 'e1', timestamp: '2025-03-10T06:00:00.000Z', type: 'trace-create', body: { id: 'mine' } }],
});

function job(projectId: string, id: string, state: QueuedJob['state']): QueuedJob {
  return { id: `q:${projectId}/${id}`, state, projectId, entity: `trace/${id}`, attemptsMade: 1 };
}

const SPANS_BODY = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: 'a'.repeat(32),
              spanId: 'b'.repeat(16),
              name: 'mine',
              startTimeUnixNano: '1700000000000000000',
              endTimeUnixNano: '1700000001000000000',
            },
          ],
        },
      ],
    },
  ],
});
const SPANS_OF: Readonly<Record<string, SpansContent>> = {
  mine: {
    key: 'mine',
    tracks: [{ entity: `observation/${'b'.repeat(16)}`, id: 'b'.repeat(16), marks: [] }],
  },
  theirs: {
    key: 'theirs',
    tracks: [{ entity: `observation/${'c'.repeat(16)}`, id: 'c'.repeat(16), marks: [] }],
  },
  corrupt: { key: 'corrupt', problem: 'corrupt', text: 'not JSON' },
};
const NOW = 1_000_000;

function spansJob(object: string, state: QueuedJob['state']): QueuedJob {
  return { id: `otel:${object}`, state, projectId: 'p', entity: undefined, object, attemptsMade: 1 };
}

/** A target with rows, objects and jobs of this run, of another in the same project, and of another project. */
function target(jobs: QueuedJob[], spans: Pick<RawObject, 'key' | 'lastModified'>[] = []) {
  const rows = [
    { kind: 'trace', id: 'mine', project_id: 'p' },
    { kind: 'observation', id: 'mine', project_id: 'p' },
    { kind: 'trace', id: 'theirs', project_id: 'p' },
    { kind: 'trace', id: 'mine', project_id: 'other' },
  ] as unknown as StoredRow[];
  const asked: RowFilter[] = [];
  const read: string[] = [];
  let time = NOW;
  let looks = 0;
  const clock: Clock = { now: () => time, sleep: async () => {} };
  const count = (state: string) => jobs.filter((each) => each.state === state).length;
  const whole = {
    queue: {
      depths: async () => ({
        waiting: count('waiting'),
        active: 0,
        delayed: count('delayed'),
        failed: count('failed'),
      }),
      async *jobs() {
        looks += 1;
        time += 100;
        yield* jobs;
      },
    },
    tables: {
      async *readRows(filter: RowFilter = {}) {
        asked.push(filter);
        for (const row of rows)
          if (row.project_id === filter.projectId && filter.ids?.includes(row.id)) yield row;
      },
      newMarks: async () => [
        { entity: 'trace/mine', marks: [1] },
        { entity: 'trace/theirs', marks: [2] },
      ],
    },
    rawEvents: {
      async *list() {
        yield { entity: 'trace/mine' };
        yield { entity: 'trace/theirs' };
      },
      async *listSpans() {
        yield* spans;
      },
      readSpans: async (keys: readonly string[]) => {
        read.push(...keys);
        return keys.map((key) => SPANS_OF[key] ?? { key, problem: 'missing', text: 'gone' });
      },
    },
    history: { sent: () => 7 },
  } as unknown as Parts;
  const own = ownPart(whole, 'p', clock, 'one row');
  return {
    whole,
    own,
    asked,
    read,
    looks: () => looks,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('only what this run has sent is read, in its own project', async () => {
  const { own, asked } = target([
    job('p', 'mine', 'failed'),
    job('p', 'theirs', 'failed'),
    job('other', 'mine', 'failed'),
  ]);
  expect(await all(own.tables.readRows())).toEqual([]);
  expect(own.history.sent({ at: 0, path: '/api/public/ingestion', bodyJson: BODY })).toBe(7);
  expect(await all(own.tables.readRows())).toEqual([{ kind: 'trace', id: 'mine', project_id: 'p' }]);
  expect(asked.every(({ projectId, ids }) => projectId === 'p' && ids !== undefined)).toBe(true);
  expect(await own.tables.newMarks('p', 0)).toEqual([{ entity: 'trace/mine', marks: [1] }]);
  expect((await all(own.rawEvents.list('p'))).map(({ entity }) => entity)).toEqual(['trace/mine']);
  expect((await all(own.queue.jobs())).map(({ id }) => id)).toEqual(['q:p/mine']);
  expect(await own.queue.depths()).toMatchObject({ failed: 1 });
});

test('the own depths: none is looked at where there are none, and not too often where there are', async () => {
  const jobs: QueuedJob[] = [];
  const { own, looks, pass } = target(jobs);
  own.history.sent({ at: 0, path: '/api/public/ingestion', bodyJson: BODY });
  expect(await own.queue.depths()).toMatchObject({ waiting: 0 });
  expect(looks()).toBe(0);
  jobs.push(job('p', 'mine', 'waiting'), job('other', 'x', 'waiting'));
  expect(await own.queue.depths()).toMatchObject({ waiting: 1 });
  expect(await own.queue.depths()).toMatchObject({ waiting: 1 });
  expect(looks()).toBe(1);
  pass(1000);
  jobs.shift();
  expect(await own.queue.depths()).toMatchObject({ waiting: 0 });
  // Empty of own ones: looked at anew each time, for it may end a wait.
  await own.queue.depths();
  expect(looks()).toBe(3);
});

test('of spans, too, only what this run has sent is read: what an object holds tells whose it is', async () => {
  const keys = ['mine', 'theirs', 'corrupt', 'gone'];
  const { own, read } = target(
    [
      ...keys.map((object) => spansJob(object, 'failed')),
      { ...spansJob('mine', 'failed'), id: 'otel:other', projectId: 'other' },
      { id: 'q:odd', state: 'failed', projectId: 'p', entity: undefined, attemptsMade: 1 },
    ],
    [...keys.map((key) => ({ key, lastModified: NOW })), { key: 'earlier', lastModified: NOW - 3_600_000 }],
  );
  own.history.sent({ at: 0, path: '/api/public/otel/v1/traces', bodyJson: SPANS_BODY });
  expect((await all(own.queue.jobs())).map(({ id }) => id)).toEqual(['otel:mine']);
  expect(await own.queue.depths()).toMatchObject({ failed: 1 });
  expect((await all(own.rawEvents.listSpans('p'))).map(({ key }) => key)).toEqual(['mine']);
  // Each once, and none that was there long before the run.
  expect(read).toEqual(keys);
});

test('traffic that was sent to the project before is refused', async () => {
  const { whole } = target([]);
  const requests = [{ at: 0, path: '/api/public/ingestion', body: BODY, eventIds: ['e1'] }];
  await expect(requireUnsent({ requests }, whole.tables, { projectId: 'p' }, 'one row')).rejects.toThrow(
    'The project p holds trace mine, which this run would send',
  );
  await requireUnsent({ requests }, whole.tables, { projectId: 'empty' }, 'one row');
});
