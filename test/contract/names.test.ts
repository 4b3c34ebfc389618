import { beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/base/wait-until.ts';
import { dropConnections } from '../../src/faults/proxy.ts';
import { event, observation, spans, trace } from './support/events.ts';
import { nameGone, refused, untilAsked } from './support/faults.ts';
import { type Answer, call, callWorker, ingest } from './support/http.ts';
import { landed, objectsOf, openQueue, untilLanded } from './support/look.ts';
import { SLOW_RETRIES, TAKES_TRACES, useStack } from './support/target.ts';

/*
 * What clients see while a name does not resolve for one process only, and its open connections are cut; as seen on a
 * real Langfuse. The reports to hold it against: langfuse#6380.
 */

// The cache of keys, on by default from v3.81.0 on, makes web hang without Redis, and need no Postgres: `web.test.ts`.
const stack = useStack({
  web: { ...SLOW_RETRIES, LANGFUSE_CACHE_API_KEY_ENABLED: 'false' },
  worker: SLOW_RETRIES,
});

const BLOB = 'Failed to upload events to blob storage, aborting event processing';
const REDIS = "Stream isn't writeable and enableOfflineQueue options is false";
const notFound = (name: string) => `getaddrinfo ENOTFOUND ${name}`;
const post = (path: string, body: object) => call(stack.current, path, { method: 'POST', body });
const batch = () => post('/api/public/ingestion', { batch: [trace()] });
const sendSpans = () => post('/api/public/otel/v1/traces', spans());

beforeEach((context) => stack.only(context, TAKES_TRACES));
const untilAcknowledged = () =>
  waitUntil('ingestion to answer 207', async () => (await batch()).status === 207, { timeoutMs: 30_000 });
/** Redis comes back with its reconnect only, so the test before may still be felt. */
beforeEach(untilAcknowledged);

interface Answers {
  readonly ingestion?: object;
  readonly otel?: object;
  readonly reads?: object;
}

const failed = (error: string) => ({ status: 500, json: { message: 'Internal Server Error', error } });
const withoutPostgres = () =>
  stack.has('postgresAway503')
    ? { status: 503, json: { message: 'Service Unavailable' } }
    : failed('An unknown error occurred');

/** How endpoints answer without each name; those that are left out answer as always. */
const WITHOUT: Record<'clickhouse' | 's3' | 'redis' | 'postgres', () => Answers> = {
  clickhouse: () => ({ reads: failed(notFound(stack.current.dns.nameOf('clickhouse'))) }),
  s3: () => ({
    ingestion: stack.ingestionFailure(BLOB),
    otel: failed(stack.has('spansRaw') ? 'Failed to upload JSON to S3' : BLOB),
  }),
  redis: () => ({ ingestion: stack.ingestionFailure(REDIS), otel: failed(REDIS) }),
  postgres: () => ({
    ingestion: { status: 500, json: { error: 'Internal Server Error' } },
    otel: withoutPostgres(),
    reads: withoutPostgres(),
  }),
};

describe.each(['clickhouse', 's3', 'redis', 'postgres'] as const)(
  'the name of %s is gone for web',
  (part) => {
    test('each endpoint answers as it does in Langfuse, and ingestion recovers', async () => {
      // Connections that are open count: what was never connected hangs instead of failing.
      expect((await batch()).status).toBe(207);
      const answers: Record<string, Answer> = {};
      {
        const since = Date.now();
        await using _gone = await nameGone(stack.current, 'web', part);
        if (part === 'redis') await untilAsked(stack.current, 'web', part, since);
        answers.ingestion = await batch();
        answers.otel = await sendSpans();
        answers.traces = await call(stack.current, '/api/public/traces');
        answers.scores = await call(stack.current, '/api/public/scores');
        answers.observations = await call(stack.current, '/api/public/observations');
        answers.trace = await call(stack.current, '/api/public/traces/none');
        answers.health = await call(stack.current, '/api/public/health');
        answers.ready = await call(stack.current, '/api/public/ready');
        if (part !== 'redis') await untilAsked(stack.current, 'web', part, since);
      }
      const { ingestion, otel, reads } = WITHOUT[part]();
      expect(answers).toMatchObject({
        ingestion: ingestion ?? { status: 207 },
        otel: otel ?? { status: stack.profile.spansStatus },
        traces: reads ?? { status: 200 },
        scores: reads ?? { status: 200 },
        observations: reads ?? { status: 200 },
        trace: reads ?? { status: 404 },
        health: { status: 200 },
        ready: { status: 200 },
      });
      // Without a restart; how soon is no statement here, since for Redis it takes as long as the reconnect.
      await untilAcknowledged();
    });
  },
);

test('a request that Redis failed has its object in S3, but no job', async () => {
  const sent = trace();
  {
    const since = Date.now();
    await using _gone = await nameGone(stack.current, 'web', 'redis');
    await untilAsked(stack.current, 'web', 'redis', since);
    expect((await ingest(stack.current, [sent])).status).toBe(500);
  }
  expect(await objectsOf(stack.current, `trace/${sent.body.id}/`)).toEqual([`${sent.id}.json`]);
  await using jobs = openQueue(stack.current);
  expect(await jobs.jobOf(sent.body.id)).toBeUndefined();
});

test('without any resolver S3 is what fails a request first', async () => {
  await using _refused = await refused(stack.current, 'web→dns');
  await dropConnections(stack.current, 'web→s3');
  expect(await batch()).toMatchObject(stack.ingestionFailure(BLOB));
});

test('a refused connection to ClickHouse is no matter for a request', async () => {
  await using _refused = await refused(stack.current, 'web→clickhouse');
  expect((await batch()).status).toBe(207);
  expect((await sendSpans()).status).toBe(stack.profile.spansStatus);
});

test('a refused connection to S3 fails a request like a missing name', async () => {
  await using _refused = await refused(stack.current, 'web→s3');
  expect(await batch()).toMatchObject(stack.ingestionFailure(BLOB));
});

describe('a name is gone for the worker', () => {
  /** Waits until the job of an entity has failed once and waits for its next attempt. */
  const untilRetried = async (entityId: string): Promise<string> => {
    await using jobs = openQueue(stack.current);
    return await waitUntil(
      'the job to be retried',
      async () => {
        const job = await jobs.jobOf(entityId);
        return job?.failedReason && (await job.getState()) === 'delayed' ? job.failedReason : undefined;
      },
      { timeoutMs: 15_000 },
    );
  };

  test.each([
    ['clickhouse', (): string => notFound(stack.current.dns.nameOf('clickhouse'))],
    ['s3', (): string => 'Failed to list files from S3'],
  ] as const)('%s: jobs are delayed, both are healthy, and all arrives afterwards', async (part, reason) => {
    const sent = trace();
    {
      await using _gone = await nameGone(stack.current, 'worker', part);
      expect((await ingest(stack.current, [sent])).status).toBe(207);
      expect(await untilRetried(sent.body.id)).toBe(reason());
      expect((await callWorker(stack.current, '/api/health')).status).toBe(200);
      expect(await landed(stack.current, 'traces', [sent.body.id])).toEqual([]);
    }
    await untilLanded(stack.current, 'traces', [sent.body.id]);
  });

  test('redis: jobs stay untouched, the worker is unhealthy, and all arrives afterwards', async () => {
    const sent = trace();
    await using jobs = openQueue(stack.current);
    {
      const since = Date.now();
      await using _gone = await nameGone(stack.current, 'worker', 'redis');
      await untilAsked(stack.current, 'worker', 'redis', since);
      expect((await ingest(stack.current, [sent])).status).toBe(207);
      expect(await callWorker(stack.current, '/api/health')).toMatchObject({
        status: 500,
        json: { status: 'error' },
      });
      const job = await jobs.jobOf(sent.body.id);
      expect(await job?.getState()).toBe(stack.has('jobsWait') ? 'waiting' : 'delayed');
      expect(job?.attemptsMade).toBe(0);
    }
    await untilLanded(stack.current, 'traces', [sent.body.id], 60_000);
    expect(await callWorker(stack.current, '/api/health')).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    });
  });

  test('postgres: only generations are retried, the worker is unhealthy, and all arrives afterwards', async () => {
    const plain = trace();
    const span = observation('span-create');
    const generation = observation('generation-create', { model: 'a-model' });
    const score = event('score-create', { id: plain.body.id, name: 'n', traceId: plain.body.id, value: 1 });
    {
      await using _gone = await nameGone(stack.current, 'worker', 'postgres');
      expect((await ingest(stack.current, [plain, span, generation, score])).status).toBe(207);
      expect(await untilRetried(generation.body.id)).toContain("Can't reach database server");
      expect((await callWorker(stack.current, '/api/health')).status).toBe(500);
      await untilLanded(stack.current, 'traces', [plain.body.id]);
      await untilLanded(stack.current, 'scores', [plain.body.id]);
      await untilLanded(stack.current, 'observations', [span.body.id]);
      expect(await landed(stack.current, 'observations', [generation.body.id])).toEqual([]);
    }
    await untilLanded(stack.current, 'observations', [generation.body.id]);
  });
});
