import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../src/base/clock.ts';
import { createRandom } from '../src/base/random.ts';
import { waitUntil } from '../src/base/wait-until.ts';
import { judge } from '../src/checker/judge.ts';
import { sentEvents } from '../src/checker/sent-events.ts';
import { context } from '../src/checker/testing/build.ts';
import type { CheckpointSummary } from '../src/checker/verdict.ts';
import { openHistory } from '../src/history/reader.ts';
import { openHistoryWriter } from '../src/history/writer.ts';
import type { IngestionEvent } from '../src/langfuse/events.ts';
import { type IngestionQueue, openIngestionQueue } from '../src/langfuse/queue.ts';
import { openRawEvents, type RawEvents } from '../src/langfuse/storage.ts';
import { openTables, type Tables } from '../src/langfuse/tables.ts';
import { takeCheckpoint } from '../src/run/checkpoint.ts';
import { readCheckpoint } from '../src/run/checkpoint-file.ts';
import { OwnEvents } from '../src/run/own-events.ts';
import { settle } from '../src/run/settle.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import type { Stack } from '../src/stack/stack.ts';
import { sendTraffic } from '../src/traffic/open-loop.ts';

/* What odd traffic leaves behind in the reference pipeline, judged as a run is: the content model has to know all of it. */

const INTERVAL_MS = 300;
const folder = mkdtempSync(join(tmpdir(), 'odd-traffic-'));
const own = new OwnEvents(createRandom('odd traffic'), 0);
let stack: Stack;
let queue: IngestionQueue;
let tables: Tables;
let rawEvents: RawEvents;

beforeAll(async () => {
  const shared = { REFERENCE_BACKOFF_SCALE: '0.01' };
  stack = await startEmbeddedStack({
    settings: {
      // Else the jobs of `event-id-again` would read the first object in time.
      web: { ...shared, LANGFUSE_INGESTION_QUEUE_DELAY_MS: '1500' },
      worker: { ...shared, LANGFUSE_INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS: String(INTERVAL_MS) },
    },
  });
  queue = await openIngestionQueue(stack.access.redis);
  tables = openTables(stack.access.clickhouse);
  rawEvents = openRawEvents(stack.access.s3);
});
afterAll(async () => {
  await rawEvents?.[Symbol.asyncDispose]();
  await tables?.[Symbol.asyncDispose]();
  await queue?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A kind of odd traffic as a run of its own that was sent. */
interface SentKind {
  readonly name: string;
  readonly historyFile: string;
  /** Ids of its entities. */
  readonly ids: readonly string[];
}

async function send(name: string, parameters: Record<string, unknown> = {}): Promise<SentKind> {
  const { projectId } = stack.target;
  const requests = own.makeOdd({ name, ...parameters });
  const historyFile = join(folder, `${name}.jsonl`);
  const history = openHistoryWriter(historyFile, { run: name, seed: '1', projectId });
  const summary = await sendTraffic(requests, stack.target, history);
  history.close();
  expect(summary.acknowledged, `${name}: everything is acknowledged`).toBe(summary.events);
  const events = requests.flatMap(({ body }) => (JSON.parse(body) as { batch: IngestionEvent[] }).batch);
  return {
    name,
    historyFile,
    ids: [...new Set(events.flatMap(({ body }) => (body.id ? [String(body.id)] : [])))],
  };
}

/** Waits until all that was sent has landed or was dropped, as a run does. */
async function untilAtRest(): Promise<void> {
  const { projectId } = stack.target;
  const historyFile = join(folder, `followers-${systemClock.now()}.jsonl`);
  const history = openHistoryWriter(historyFile, { run: 'followers', seed: '1', projectId });
  const follow = async (timeoutMs: number) => {
    const { requests, marks } = own.make('follow');
    await sendTraffic(requests, stack.target, history);
    await waitUntil(
      'the events that follow to land',
      async () => {
        const landed = new Set((await tables.newMarks(projectId, 0)).flatMap((row) => row.marks));
        return marks.every((mark) => landed.has(mark));
      },
      { timeoutMs },
    );
  };
  const rest = await settle(
    { depths: () => queue.depths(), rowsFingerprint: () => tables.fingerprint(projectId), follow },
    { quietMs: INTERVAL_MS + 500, timeoutMs: 120_000, clock: systemClock },
  );
  history.close();
  expect(rest).toEqual({ settled: true });
}

/** The counts that are not 0. */
async function outcomeOf({ name, historyFile, ids }: SentKind) {
  const { projectId } = stack.target;
  const file = join(folder, `${name}-checkpoint.jsonl`);
  const stores = { queue, rawEvents, tables: { readRows: () => tables.readRows({ projectId, ids }) } };
  const form = 'web converts';
  await takeCheckpoint('settled', stores, { projectId, historyFile, file, clock: systemClock, form });
  const doubts: string[] = [];
  const events = [...sentEvents(openHistory(historyFile).records(), ({ code }) => doubts.push(code))];
  const verdict = judge(events, [readCheckpoint(file)], context({ projectId }));
  const { outcomes, missing } = verdict.checkpoints[0] as CheckpointSummary;
  const found = Object.entries({ ...outcomes, ...missing }).filter(([, count]) => count > 0);
  return { ...Object.fromEntries(found), ...(doubts.length > 0 && { doubts }) };
}

/** What each kind must come to. */
const HARMLESS: readonly [string, Record<string, unknown>, Record<string, number>][] = [
  ['falsy-content', {}, { ok: 8 }],
  ['odd-times', {}, { ok: 7 }],
  ['retrying-client', { requests: 3, times: 3 }, { ok: 15 }],
  ['burst', { events: 40, perRequest: 10 }, { ok: 40 }],
  ['missing-body-id', {}, { 'absent-by-design': 2 }],
  ['event-id-again', { entities: 2, after: 0 }, { ok: 4, lost: 2, 'not-in-s3': 2 }],
  ['slash-in-id', {}, { ok: 1, altered: 1 }],
  ['unknown-score-config', {}, { lost: 1, 'failed-set': 1 }],
  ['boolean-metadata', {}, { lost: 1, 'failed-set': 1 }],
];

test('what harms nobody else lands as the model says, or is where it says', async () => {
  const sent = await Promise.all(HARMLESS.map(([name, parameters]) => send(name, parameters)));
  await untilAtRest();
  const found: [string, unknown][] = [];
  for (const kind of sent) found.push([kind.name, await outcomeOf(kind)]);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(HARMLESS.map(([name, , expected]) => [name, expected])),
  );
});

test('poison never lands, leaves no failed job behind, and is in S3 only', async () => {
  const failedBefore = (await queue.depths()).failed;
  for (const name of ['lone-surrogate', 'fractional-usage', 'huge-usage', 'huge-cost']) {
    const sent = await send(name);
    await untilAtRest();
    expect(await outcomeOf(sent), name).toEqual({ lost: 1, 's3-only': 1 });
  }
  expect((await queue.depths()).failed).toBe(failedBefore);
});
