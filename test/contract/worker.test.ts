import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/base/wait-until.ts';
import type { ChangeName } from './support/changes.ts';
import { event, observation, several, trace } from './support/events.ts';
import { blackHole, refused } from './support/faults.ts';
import { call, callWorker, ingest } from './support/http.ts';
import {
  insertRows,
  landed,
  logged,
  objectsOf,
  openQueue,
  putObjects,
  rows,
  sql,
  untilLanded,
  untilRow,
} from './support/look.ts';
import { FAILED_FOR_GOOD, QUICK_RETRIES, STALLED_TWICE, TAKES_TRACES, useStack } from './support/target.ts';

/* What the worker makes of jobs and objects: worker/src. */

const stack = useStack({ web: QUICK_RETRIES, worker: QUICK_RETRIES });
beforeEach((context) => stack.only(context, TAKES_TRACES));
const at = (second: number) => new Date(1_780_000_000_000 + second * 1000);
/** Sends events in one request and waits until their jobs are done. */
async function process(...events: object[]): Promise<void> {
  expect(await ingest(stack.current, events)).toMatchObject({ status: 207, json: { errors: [] } });
  await using jobs = openQueue(stack.current);
  await jobs.untilIdle();
}

describe('a row', () => {
  test('of a trace has the content of its events', async () => {
    const id = randomUUID();
    const timestamp = at(3).toISOString();
    await process(
      event('trace-create', {
        id,
        timestamp,
        name: 'ünï',
        userId: 'u',
        sessionId: `session-${id}`,
        release: 'r',
        version: 'v',
        environment: 'prod',
        public: true,
        tags: ['b', 'a'],
        metadata: { deep: { a: 1 }, list: [1] },
        input: { q: 1 },
        output: 'text',
      }),
    );
    expect(await untilRow(stack.current, 'traces', id)).toMatchObject({
      id,
      project_id: stack.current.target.projectId,
      timestamp: timestamp.replace('T', ' ').replace('Z', ''),
      name: 'ünï',
      user_id: 'u',
      session_id: `session-${id}`,
      release: 'r',
      version: 'v',
      environment: 'prod',
      public: true,
      bookmarked: false,
      tags: ['a', 'b'],
      metadata: { deep: '{"a":1}', list: '[1]' },
      input: '{"q":1}',
      output: 'text',
      is_deleted: 0,
    });
    const sessions = await sql(stack.current, 'SELECT id FROM trace_sessions WHERE id = $1', [
      `session-${id}`,
    ]);
    expect(sessions).toHaveLength(1);
  });

  test('of a generation has usage, costs and model', async () => {
    const generation = observation('generation-create', {
      model: 'a-model',
      modelParameters: { temperature: 0.5 },
      usage: { promptTokens: 3, completionTokens: 4 },
      costDetails: { input: 0.25, output: 0.5 },
      endTime: '2020-01-01T00:00:00Z',
      startTime: '2020-01-01T00:00:01Z',
      level: null,
    });
    await process(generation);
    const row = await untilRow(stack.current, 'observations', generation.body.id);
    expect(row).toMatchObject({
      type: 'GENERATION',
      provided_model_name: 'a-model',
      internal_model_id: null,
      model_parameters: '{"temperature":0.5}',
      level: 'DEFAULT',
      end_time: '2020-01-01 00:00:01.000',
      cost_details: { input: 0.25, output: 0.5, total: 0.75 },
      total_cost: 0.75,
    });
    const usage = Object.entries(row.usage_details as object).map(([key, value]) => [key, Number(value)]);
    expect(Object.fromEntries(usage)).toEqual({ input: 3, output: 4, total: 7 });
  });

  test.each([
    [{ value: 0.5 }, { value: 0.5, string_value: null, data_type: 'NUMERIC' }],
    [{ value: 'good' }, { value: 0, string_value: 'good', data_type: 'CATEGORICAL' }],
    [
      { value: 1, dataType: 'BOOLEAN' },
      { value: 1, string_value: 'True', data_type: 'BOOLEAN' },
    ],
  ])('of a score %j has its type', async (body, expected) => {
    const id = randomUUID();
    await process(event('score-create', { id, traceId: 't', name: 'n', ...body }));
    expect(await untilRow(stack.current, 'scores', id)).toMatchObject({ source: 'API', ...expected });
  });
});

describe('events of one entity', () => {
  test('of one request are one row', async () => {
    const id = randomUUID();
    await process(
      event('span-update', { id, traceId: 't', output: 'out', metadata: { b: 2 } }, at(2)),
      event('span-create', { id, traceId: 't', name: 'n', input: 'in', metadata: { a: 1 } }, at(1)),
    );
    expect(await untilRow(stack.current, 'observations', id)).toMatchObject({
      name: 'n',
      input: 'in',
      output: 'out',
      metadata: { a: '1', b: '2' },
    });
  });

  test('of a later request are merged with the earlier objects, and the newest processing is shown', async () => {
    const id = randomUUID();
    await process(event('trace-create', { id, timestamp: at(0), name: 'first', tags: ['a'] }, at(1)));
    await untilLanded(stack.current, 'traces', [id]);
    await process(event('trace-create', { id, userId: 'u', tags: ['b'] }, at(2)));
    const merged = await waitUntil(
      'the second version',
      async () => {
        const row = await untilRow(stack.current, 'traces', id);
        return row.user_id === 'u' ? row : undefined;
      },
      { timeoutMs: 15_000 },
    );
    expect(merged).toMatchObject({ name: 'first', tags: ['a', 'b'] });
    expect(await landed(stack.current, 'traces', [id])).toEqual([id]);
  });

  test('are laid over the stored row when their objects are gone', async () => {
    const id = randomUUID();
    const columns = { id, project_id: stack.current.target.projectId, timestamp: at(0).getTime() };
    await insertRows(stack.current, 'traces', [
      {
        ...columns,
        name: 'stored',
        release: 'r',
        bookmarked: true,
        event_ts: 1,
      },
    ]);
    await process(event('trace-create', { id, timestamp: at(0).toISOString(), name: 'new' }));
    const row = await waitUntil(
      'the new version',
      async () => {
        const found = await untilRow(stack.current, 'traces', id);
        return found.name === 'new' ? found : undefined;
      },
      { timeoutMs: 15_000 },
    );
    expect(row).toMatchObject({ release: 'r', bookmarked: false });
  });
});

describe('a job', () => {
  test('writes a row of event_log at every attempt, and fails for good after five', async (context) => {
    stack.only(context, { until: 'fileLogReplaced' });
    const sent = trace();
    await using jobs = openQueue(stack.current);
    {
      await using _refused = await refused(stack.current, 'worker→s3');
      expect((await ingest(stack.current, [sent])).status).toBe(207);
      const job = await waitUntil(
        'the job to fail',
        async () => {
          // Read again once it has failed: what was read before is from an earlier attempt.
          const found = await jobs.jobOf(sent.body.id);
          return (await found?.isFailed()) ? await jobs.jobOf(sent.body.id) : undefined;
        },
        FAILED_FOR_GOOD,
      );
      expect(job).toMatchObject({ attemptsMade: 5, failedReason: 'Failed to list files from S3' });
    }
    const log = async () =>
      rows(stack.current, 'SELECT * FROM event_log WHERE entity_id = {id: String}', { id: sent.body.id });
    await waitUntil('five rows of event_log', async () => (await log()).length === 5, { timeoutMs: 15_000 });
    const { bucket, prefix } = stack.current.access.s3;
    expect((await log())[0]).toMatchObject({
      project_id: stack.current.target.projectId,
      entity_type: 'trace',
      event_id: sent.id,
      bucket_name: bucket,
      bucket_path: `${prefix}${stack.current.target.projectId}/trace/${sent.body.id}/${sent.id}.json`,
    });
    await (await jobs.jobOf(sent.body.id))?.retry();
    await untilLanded(stack.current, 'traces', [sent.body.id]);
  });

  test('of a trace adds one to trace-upsert; others add none', async (context) => {
    stack.only(context, { until: 'upsertChanged' });
    const sent = trace();
    const span = observation('span-create');
    const score = event('score-create', { id: randomUUID(), name: 'n', traceId: randomUUID(), value: 1 });
    await process(sent, span, score);
    await using upserts = openQueue(stack.current, 'trace-upsert');
    const jobs = await upserts.queue.getJobs(['delayed', 'wait', 'active']);
    const traces = jobs.map(({ data }) => data.payload.traceId);
    const job = jobs[traces.indexOf(sent.body.id)];
    expect(job).toMatchObject({ name: 'trace-upsert', delay: 15_000 });
    expect(job?.opts).toMatchObject({ attempts: 5, removeOnComplete: 100, removeOnFail: 100_000 });
    expect(traces).not.toContain(span.body.traceId);
    expect(traces).not.toContain(score.body.traceId);
  });

  test('without objects is done, with a line in the log', async () => {
    const id = randomUUID();
    await using jobs = openQueue(stack.current);
    await jobs.addFor(stack.current, 'trace-create', id);
    await jobs.untilIdle();
    expect(await jobs.jobOf(id)).toBeUndefined();
    const text = `No events found for project ${stack.current.target.projectId} and event ${id}`;
    expect(await logged(stack.current, 'worker', text)).toBe(1);
  });

  test('reads no more than the first objects: 1000, or 200 from v3.75.2 on', async () => {
    const id = randomUUID();
    const objects = Array.from({ length: 1001 }, (_, number): [string, string] => {
      const key = String(number).padStart(4, '0');
      const only = event('trace-create', { id, metadata: { [key]: 'x' } });
      return [`trace/${id}/${key}.json`, JSON.stringify([only])];
    });
    await putObjects(stack.current, objects);
    await using jobs = openQueue(stack.current);
    await jobs.addFor(stack.current, 'trace-create', id);
    const { metadata } = await untilRow(stack.current, 'traces', id);
    const { listLimit } = stack.profile;
    expect(Object.keys(metadata as object)).toHaveLength(listLimit);
    expect(metadata).toHaveProperty(String(listLimit - 1).padStart(4, '0'));
  });

  test.for<[what: string, content: (id: string) => string, reason: string, until?: ChangeName]>([
    ['one broken object', () => '{', 'JSON'],
    [
      'metadata that is a bare true',
      (id) => JSON.stringify([event('trace-create', { id, metadata: true })]),
      'Expected object, received boolean',
      'trueMetadataStored',
    ],
  ])('fails for ever because of %s', async ([_what, content, reason, until], context) => {
    stack.only(context, { until });
    const id = randomUUID();
    await putObjects(stack.current, [[`trace/${id}/an-object.json`, content(id)]]);
    await using jobs = openQueue(stack.current);
    await jobs.addFor(stack.current, 'trace-create', id);
    const failure = await waitUntil('the job to fail', async () => (await jobs.jobOf(id))?.failedReason, {
      timeoutMs: 15_000,
    });
    expect(failure).toContain(reason);
  });

  test('of a trace with metadata that is a bare true stores it as text', async (context) => {
    stack.only(context, { since: 'trueMetadataStored' });
    const sent = trace({ metadata: true });
    await process(sent);
    expect(await untilRow(stack.current, 'traces', sent.body.id)).toMatchObject({
      metadata: { metadata: 'true' },
    });
  });

  test('of a score that names a config that is not there is done, and nothing is stored', async (context) => {
    stack.only(context, { since: 'badScoresDropped' });
    const id = randomUUID();
    await process(event('score-create', { id, traceId: 't', name: 'n', value: 1, configId: 'none' }));
    const text = `Failed to validate and enrich score body for project: ${stack.current.target.projectId} and score: ${id}`;
    expect(await logged(stack.current, 'worker', text)).toBeGreaterThan(0);
    const mark = event('score-create', { id: randomUUID(), traceId: 't', name: 'n', value: 1 });
    await process(mark);
    await untilLanded(stack.current, 'scores', [mark.body.id]);
    expect(await landed(stack.current, 'scores', [id])).toEqual([]);
    await using jobs = openQueue(stack.current);
    expect(await jobs.jobOf(id)).toBeUndefined();
  });

  test('fails for ever when a score names a config that is not there', async (context) => {
    stack.only(context, { until: 'badScoresDropped' });
    const id = randomUUID();
    const score = event('score-create', { id, traceId: 't', name: 'n', value: 1, configId: 'none' });
    expect(await ingest(stack.current, [score])).toMatchObject({ status: 207, json: { errors: [] } });
    await using jobs = openQueue(stack.current);
    const job = await waitUntil(
      'the job to fail',
      async () => {
        const found = await jobs.jobOf(id);
        return (await found?.isFailed()) ? found : undefined;
      },
      FAILED_FOR_GOOD,
    );
    expect(job.failedReason).toContain('does not match a valid config');
  });

  test('of an id with a slash mixes in the events of the entity below', async (context) => {
    stack.only(context, { until: 'foldersNamed' });
    const id = randomUUID();
    await process(event('trace-create', { id: `${id}/below`, name: 'below', userId: 'below' }, at(1)));
    await process(event('trace-create', { id, name: 'above' }, at(2)));
    expect(await objectsOf(stack.current, `trace/${id}/`)).toHaveLength(2);
    expect(await untilRow(stack.current, 'traces', id)).toMatchObject({ name: 'above', user_id: 'below' });
  });
});

describe('the reads of web', () => {
  test('show what has landed', async () => {
    const name = `name-${randomUUID()}`;
    const root = trace({ name, userId: name, input: { a: 1 } });
    const span = observation('span-create', { traceId: root.body.id, name });
    const score = event('score-create', { id: randomUUID(), traceId: root.body.id, name, value: 1 });
    await process(root, span, score);
    await untilLanded(stack.current, 'traces', [root.body.id]);
    await untilLanded(stack.current, 'observations', [span.body.id]);
    await untilLanded(stack.current, 'scores', [score.body.id]);

    const get = async (path: string) => (await call(stack.current, `/api/public/${path}`)).json;
    const meta = { page: 1, limit: 50, totalItems: 1, totalPages: 1 };
    const shown = { id: root.body.id, name, userId: name, input: { a: 1 } };
    expect(await get(`traces?name=${name}`)).toMatchObject({
      data: [{ ...shown, observations: [span.body.id], scores: [score.body.id] }],
      meta,
    });
    expect(await get(`traces?userId=${name}&toTimestamp=2020-01-01T00:00:00Z`)).toMatchObject({
      data: [],
      meta: { totalItems: 0 },
    });
    expect(await get(`traces/${root.body.id}`)).toMatchObject({
      ...shown,
      observations: [{ id: span.body.id, type: 'SPAN' }],
      scores: [{ id: score.body.id, value: 1, dataType: 'NUMERIC' }],
    });
    expect(await get(`observations?traceId=${root.body.id}&type=SPAN`)).toMatchObject({
      data: [{ id: span.body.id, traceId: root.body.id }],
      meta,
    });
    expect(await get(`scores?name=${name}`)).toMatchObject({
      data: [{ id: score.body.id, trace: { userId: name } }],
      meta,
    });
    expect(await get('health?failIfNoRecentEvents=true')).toMatchObject({ status: 'OK' });
  });

  test('page', async () => {
    const userId = `user-${randomUUID()}`;
    const sent = [0, 1, 2].map((second) => trace({ userId, timestamp: at(second).toISOString() }));
    await process(...sent);
    await untilLanded(
      stack.current,
      'traces',
      sent.map(({ body }) => body.id),
    );
    const answer = await call(stack.current, `/api/public/traces?userId=${userId}&limit=2&page=2`);
    expect(answer.json).toMatchObject({
      data: [{ id: sent[0]?.body.id }],
      meta: { page: 2, limit: 2, totalItems: 3, totalPages: 2 },
    });
  });

  test('refuse bad parameters and unknown traces', async () => {
    expect(await call(stack.current, '/api/public/traces?limit=101')).toMatchObject({
      status: 400,
      json: { message: 'Invalid request data', error: [{ path: ['limit'] }] },
    });
    expect(await call(stack.current, '/api/public/traces/none')).toMatchObject({
      status: 404,
      json: {
        message: 'Trace none not found within authorized project',
        error: 'LangfuseNotFoundError',
      },
    });
  });
});

test('after SIGTERM the worker writes what it has, and stays until it is killed', async () => {
  const sent = trace();
  expect((await ingest(stack.current, [sent])).status).toBe(207);
  await using jobs = openQueue(stack.current);
  await jobs.untilIdle();
  const worker = stack.current.component('worker');
  const stopped = worker.stop();
  await waitUntil(
    'the shutdown to be complete',
    async () => (await logged(stack.current, 'worker', 'Shutdown complete, exiting process...')) === 1,
    { timeoutMs: 9000 },
  );
  expect(await worker.state()).toBe('running');
  expect(await landed(stack.current, 'traces', [sent.body.id])).toEqual([sent.body.id]);
  await worker.kill();
  await stopped;
  expect(await worker.state()).toBe('exited');
});

test('the worker starts with everything behind it away, and takes up its work when it is back', async () => {
  const worker = stack.current.component('worker');
  if ((await worker.state()) === 'running') await worker.kill();
  const sent = trace();
  expect((await ingest(stack.current, [sent])).status).toBe(207);
  {
    await using _clickhouse = await refused(stack.current, 'worker→clickhouse');
    await using _postgres = await refused(stack.current, 'worker→postgres');
    await using _s3 = await refused(stack.current, 'worker→s3');
    await using _redis = await refused(stack.current, 'worker→redis');
    await worker.start();
    expect((await callWorker(stack.current, '/api/health')).status).toBe(500);
    expect((await callWorker(stack.current, '/api/ready')).status).toBe(500);
  }
  await untilLanded(stack.current, 'traces', [sent.body.id], 60_000);
  expect((await callWorker(stack.current, '/api/ready')).status).toBe(200);
});

test('a job of a worker that is killed twice fails at once, whatever attempts it has left', async () => {
  const sent = trace();
  const worker = stack.current.component('worker');
  await using jobs = openQueue(stack.current);
  {
    await using _silent = await blackHole(stack.current, 'worker→clickhouse');
    expect((await ingest(stack.current, [sent])).status).toBe(207);
    for (const round of [1, 2]) {
      await waitUntil(
        `start ${round} of the job`,
        async () => (await jobs.jobOf(sent.body.id))?.attemptsStarted === round,
        STALLED_TWICE,
      );
      await worker.kill();
      await worker.start();
    }
    const job = await waitUntil(
      'the job to fail',
      async () => {
        const found = await jobs.jobOf(sent.body.id);
        return (await found?.isFailed()) ? await jobs.jobOf(sent.body.id) : undefined;
      },
      STALLED_TWICE,
    );
    expect(job.failedReason).toBe('job stalled more than allowable limit');
  }
  await (await jobs.jobOf(sent.body.id))?.retry();
  await untilLanded(stack.current, 'traces', [sent.body.id]);
});

test('large traces are read back whole', async () => {
  const userId = randomUUID();
  const sent = several(40, () => trace({ userId, input: 'x'.repeat(20_000) }));
  expect((await ingest(stack.current, sent)).status).toBe(207);
  const read = () => call(stack.current, `/api/public/traces?userId=${userId}&limit=40`);
  await waitUntil(
    'all of them to land',
    async () => {
      const { status, json } = await read();
      return status === 200 && (json as { data: unknown[] }).data.length === sent.length;
    },
    { timeoutMs: 30_000 },
  );
  const { data } = (await read()).json as { data: { input: string }[] };
  expect(new Set(data.map(({ input }) => input.length))).toEqual(new Set([20_000]));
});
