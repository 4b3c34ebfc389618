import { expect, test } from 'vitest';
import type { IngestionEvent } from '../langfuse/events.ts';
import { withMark } from '../langfuse/mark.ts';
import { FIRST_PROFILE } from '../langfuse/profiles.ts';
import type { ReplayJob } from '../langfuse/replay-job.ts';
import { parseEvents, parseKey, type RawEvents } from '../langfuse/storage.ts';
import type { StoredRow } from '../langfuse/stored-row.ts';
import { MOST_MONTHS } from './months.ts';
import { replayFromS3 } from './replay-from-s3.ts';

const facts = { profile: FIRST_PROFILE, writeMode: 'legacy' } as const;

/** A bucket with one trace for each of these times, and a worker that makes a row of each replayed one when it is next asked about. */
function pipeline(times: readonly string[]) {
  const objects = new Map(
    times.map((timestamp, n) => {
      const event: IngestionEvent = {
        id: `e${n}`,
        timestamp,
        type: 'trace-create',
        body: { id: `t${n}`, timestamp },
      };
      return [`trace/t${n}/e${n}.json`, JSON.stringify([withMark(event, n)])];
    }),
  );
  const storage: RawEvents = {
    async *list() {
      for (const key of objects.keys()) {
        const place = parseKey(`p/${key}`, 'p/');
        if (place) yield { key, ...place, lastModified: 1, size: 100 };
      }
    },
    read: async (keys) => keys.map((key) => parseEvents(key, objects.get(key) ?? '')),
    async *listSpans() {},
    readSpans: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
  const slices: (readonly ReplayJob[])[] = [];
  const landed = new Map<string, StoredRow>();
  const tables = {
    answers: async () => true,
    async *readRows({ ids }: { ids?: readonly string[] } = {}) {
      yield* (ids ?? []).flatMap((id) => landed.get(id) ?? []);
      for (const job of slices.flat()) {
        if ('object' in job) continue;
        const id = job.entity.slice('trace/'.length);
        landed.set(id, {
          ...{ kind: 'trace', project_id: 'p', id, event_ts: '2026-01-01 00:00:00.000', is_deleted: 0 },
          metadata: { [`chaos_${Number(id.slice(1)).toString(36)}`]: `e${id.slice(1)}` },
        });
      }
    },
  };
  const queue = {
    depths: async () => ({ waiting: 0, active: 0, delayed: 0, failed: 0, paused: 0 }),
    async *jobs() {},
    addReplayJobs: async (_profile: object, _projectId: string, jobs: readonly ReplayJob[]) => {
      if (jobs.length > 0) slices.push(jobs);
    },
  };
  return { slices, landed, options: { projectId: 'p', facts, storage, tables, queue, patienceMs: 5000 } };
}

const month = (n: number) => new Date(Date.UTC(2000, n, 1)).toISOString();

test('entities of one month are replayed in one go', async () => {
  const { slices, options } = pipeline(Array.from({ length: 150 }, () => month(0)));
  const { record } = await replayFromS3(options);
  expect(record).toMatchObject({ done: 150, skipped: [] });
  expect(slices.map((jobs) => jobs.length)).toEqual([150]);
});

test('entities of many months are replayed in slices, each once the one before has landed, also from batch to batch', async () => {
  const { slices, landed, options } = pipeline(
    Array.from({ length: 2 * MOST_MONTHS + 70 }, (_, n) => month(n)),
  );
  const { record } = await replayFromS3(options);
  expect(record).toMatchObject({ done: 2 * MOST_MONTHS + 70, skipped: [] });
  // A batch is of 200 entities: the third slice is begun in the first batch and goes on in the second.
  expect(slices.map((jobs) => jobs.length)).toEqual([MOST_MONTHS, MOST_MONTHS, 20, 50]);
  expect(landed.size).toBeGreaterThanOrEqual(2 * MOST_MONTHS);
});

test('when a slice does not land the step stops and says what it did', async () => {
  const { options } = pipeline(Array.from({ length: MOST_MONTHS + 10 }, (_, n) => month(n)));
  const tables = { ...options.tables, async *readRows() {} };
  const { record } = await replayFromS3({ ...options, tables, patienceMs: 100 });
  expect(record.done).toBe(MOST_MONTHS);
  expect(record.skipped[0]?.reason).toMatch(/^stopped: .*90 replayed entities to land/s);
});
