import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../src/base/clock.ts';
import type { GuideRecord } from '../src/history/run-record.ts';
import { INGESTION_QUEUE } from '../src/langfuse/queue.ts';
import { followGuide } from '../src/recovery/common-guide.ts';
import type { GuideStep } from '../src/scenario/scenario.ts';
import { failWaiting, fillFailedSet, workOff } from './support/ingestion-jobs.ts';
import { type RedisServer, startRedisServer } from './support/redis-server.ts';

/** What each step of the common guide does to a failed set, on a real Redis and BullMQ. Nobody works the queue off. */

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(() => server.client.flushall());

async function follow(step: GuideStep, jobs?: GuideRecord['jobs'], restTimeoutMs = 100): Promise<string> {
  const options = { clock: systemClock, signal: new AbortController().signal, restTimeoutMs };
  const record = await followGuide(step, { url: server.url }, options);
  expect(record).toMatchObject({ step, asWritten: expect.any(String), right: expect.any(String) });
  expect(record.jobs).toEqual(jobs);
  return record.did;
}

const count = (state: 'failed' | 'delayed') => server.client.zcard(`bull:${INGESTION_QUEUE}:${state}`);

test('counting the failed jobs is refused, for the set is no list', async () => {
  await fillFailedSet(server.url, 3);
  expect(await follow('guide: count the failed jobs')).toBe(
    'failed with “WRONGTYPE Operation against a key holding the wrong kind of value”, while the set holds 3',
  );
});

test('without a failed job there is no set, and the count is right', async () => {
  expect(await follow('guide: count the failed jobs')).toBe('answered 0; the set holds 0');
});

test('adding jobs again under their own ids throws and moves none', async () => {
  await fillFailedSet(server.url, 3);
  expect(await follow('guide: add the failed jobs again', { tried: 3, broughtBack: 0 })).toBe(
    'add() threw “Custom Id cannot be integers” for 3 of 3 jobs; 3 of 3 are still in the failed set',
  );
  expect(await count('failed')).toBe(3);
});

test('copies with a prefix are new jobs, which their own ids then do not move', async () => {
  await fillFailedSet(server.url, 2);
  expect(await follow('guide: add them with a prefix', { tried: 2, broughtBack: 0 })).toBe(
    'added 2 copies, of which 0 failed at their only attempt; the failed set grew from 2 to 2',
  );
  await failWaiting(server.url);
  expect(await count('failed')).toBe(4);
  expect(await follow('guide: add the failed jobs again', { tried: 4, broughtBack: 0 })).toBe(
    'add() threw “Custom Id cannot be integers” for 2 of 4 jobs; for 2 of 4 it returned a job and did nothing; 4 of 4 are still in the failed set',
  );
});

test('nothing waits while jobs are failed', async () => {
  await fillFailedSet(server.url, 3);
  expect(await follow('guide: see whether the queue is drained')).toBe(
    'answered 0, while 0 jobs were delayed for their next attempt, 0 active and 3 failed',
  );
});

test('a retry of all moves all of them to waiting', async () => {
  await fillFailedSet(server.url, 3);
  expect(await follow('guide: retry all at once', { tried: 3, broughtBack: 0 })).toMatch(
    /^moved 3 jobs to waiting; 0\.\d s later 0 of them had failed again$/,
  );
  expect(await count('failed')).toBe(0);
});

test('a job that a worker then does has been brought back', async () => {
  await fillFailedSet(server.url, 3);
  await using _worker = workOff(server.url, ({ id }) => {
    if (id === '2') throw new Error('refused');
  });
  expect(await follow('guide: retry all at once', { tried: 3, broughtBack: 2 }, 10_000)).toMatch(
    /^moved 3 jobs to waiting; \d+\.\d s later 1 of them had failed again$/,
  );
  expect(await follow('guide: add them with a prefix', { tried: 1, broughtBack: 1 }, 10_000)).toBe(
    'added 1 copies, of which 0 failed at their only attempt; the failed set grew from 1 to 1',
  );
});
