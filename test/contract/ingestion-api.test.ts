import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeSingleEndpoints } from './cases/endpoints.ts';
import { describeEventTypes } from './cases/event-types.ts';
import { describeOtlp } from './cases/otlp.ts';
import { describeRawOtlp } from './cases/otlp-raw.ts';
import { event, trace } from './support/events.ts';
import { basic, call, ingest } from './support/http.ts';
import { objectAt, objectsOf, openQueue, redis, sql } from './support/look.ts';
import { TAKES_TRACES, useStack } from './support/target.ts';

/* What web answers, and what it has written by then: web/src/pages/api/public. */

// Nobody takes the jobs away, so that they can be looked at.
const stack = useStack({
  worker: {
    QUEUE_CONSUMER_INGESTION_QUEUE_IS_ENABLED: 'false',
    QUEUE_CONSUMER_OTEL_INGESTION_QUEUE_IS_ENABLED: 'false',
  },
});

describe('POST /api/public/ingestion', () => {
  beforeEach((context) => stack.only(context, TAKES_TRACES));

  test('acknowledges each event and tells why one was refused', async () => {
    const good = trace();
    const { status, json } = await ingest(stack.current, [good, { ...trace(), id: 'bad', type: 'nope' }, 7]);
    expect(status).toBe(207);
    expect(json).toMatchObject({
      successes: [{ id: good.id, status: 201 }],
      errors: [
        { id: 'bad', status: 400, message: 'Invalid request data' },
        { id: 'unknown', status: 400 },
      ],
    });
    const { errors } = json as { errors: { error: string }[] };
    expect(JSON.parse(errors[0]?.error ?? '')).toMatchObject([
      { code: stack.has('zod4') ? 'invalid_union' : 'invalid_union_discriminator', path: ['type'] },
    ]);
  });

  test.each([
    ['no events', []],
    ['only bad ones', [{}]],
  ])('answers 207 to %s', async (_what, batch) => {
    expect((await ingest(stack.current, batch)).status).toBe(207);
  });

  test('answers successes in the order in which it stores: creates, then updates, each by timestamp', async () => {
    const at = (second: number) => new Date(1_750_000_000_000 + second * 1000);
    const id = randomUUID();
    const update = event('span-update', { id }, at(0));
    const late = event('span-create', { id }, at(9));
    const early = event('trace-create', { id }, at(5));
    const { json } = await ingest(stack.current, [update, late, early]);
    expect(json).toEqual({
      successes: [early, late, update].map(({ id }) => ({ id, status: 201 })),
      errors: [],
    });
  });

  test('puts the events of an entity into one object, named after the first', async () => {
    const id = randomUUID();
    const create = event('span-create', { id, name: 'created', unknown: 1 });
    const update = event('span-update', { id, name: 'updated' });
    await ingest(stack.current, [update, create]);
    expect(await objectsOf(stack.current, `observation/${id}/`)).toEqual([`${create.id}.json`]);
    expect(await objectAt(stack.current, `observation/${id}/${create.id}.json`)).toEqual([
      { ...create, body: { id, name: 'created', environment: 'default' } },
      { ...update, body: { id, name: 'updated', environment: 'default' } },
    ]);
  });

  test("adds one job per entity, with Langfuse's data and options", async () => {
    const create = trace();
    await ingest(stack.current, [create, event('trace-create', { id: create.body.id })]);
    const { projectId, publicKey } = stack.current.target;
    const { prefix } = stack.current.access.s3;
    await using jobs = openQueue(stack.current);
    const job = await jobs.jobOf(create.body.id);
    expect(job?.id).toMatch(/^\d+$/);
    expect(job?.name).toBe('ingestion-job');
    expect(job?.data).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      name: 'ingestion-job',
      payload: {
        data: {
          type: 'trace-create',
          eventBodyId: create.body.id,
          fileKey: create.id,
          ...(stack.has('jobSkipsList') && { skipS3List: false }),
          ...(stack.has('foldersNamed') && {
            bucketPrefix: `${prefix}${projectId}/trace/${create.body.id}/`,
          }),
          ...(stack.has('jobNamesSdk') && {
            ingestionApiKey: publicKey,
            ingestionSdkName: 'unknown',
            ingestionSdkVersion: 'unknown',
          }),
        },
        authCheck: {
          validKey: true,
          scope: {
            projectId,
            accessLevel: stack.profile.accessLevel,
            orgId: expect.any(String),
            plan: 'oss',
            rateLimitOverrides: [],
            ...(stack.has('scopeHasKeyId') && { apiKeyId: expect.any(String) }),
            ...(stack.has('scopeHasKind') && { scope: 'PROJECT' }),
            ...(stack.has('scopeHasKey') && { publicKey }),
            ...(stack.has('scopeHasSuspension') && { isIngestionSuspended: false }),
            ...(stack.has('scopeHasAgent') && { isInAppAgentKey: false }),
          },
        },
      },
    });
    expect(job?.opts).toMatchObject({
      attempts: stack.profile.queues['ingestion-queue']?.attempts,
      removeOnComplete: true,
      removeOnFail: 100_000,
      backoff: { type: 'exponential', delay: 5000 },
      delay: 0,
    });
  });

  test.each(['trace-create', 'score-create'])(
    'acknowledges a %s without a body id and stores it nowhere',
    async (type) => {
      await using jobs = openQueue(stack.current);
      const before = await jobs.counts();
      const body = type === 'trace-create' ? {} : { name: 'n', traceId: 't', value: 1 };
      const lost = event(type, body);
      const { json } = await ingest(stack.current, [lost]);
      expect(json).toEqual({ successes: [{ id: lost.id, status: 201 }], errors: [] });
      expect(await jobs.counts()).toEqual(before);
    },
  );

  test('neither acknowledges nor refuses logs of the SDK', async () => {
    const { json } = await ingest(stack.current, [event('sdk-log', { log: 'x' })]);
    expect(json).toEqual({ successes: [], errors: [] });
  });

  test('overwrites an object when the id of its first event comes again', async () => {
    const first = trace();
    await ingest(stack.current, [first]);
    await ingest(stack.current, [{ ...first, body: { ...first.body, name: 'other' } }]);
    const path = `trace/${first.body.id}/${first.id}.json`;
    expect(await objectAt(stack.current, path)).toMatchObject([{ body: { name: 'other' } }]);
  });

  test.each([
    ['a body without a batch', {}, 'Required', 'undefined'],
    ['a batch that is no list', { batch: {} }, 'Expected array, received object', 'object'],
  ])('answers 400 to %s', async (_what, body, words, type) => {
    const answer = await call(stack.current, '/api/public/ingestion', { method: 'POST', body });
    const errors = [stack.has('zod4') ? `Invalid input: expected array, received ${type}` : words];
    expect(answer).toMatchObject({ status: 400, json: { message: 'Invalid request data', errors } });
  });

  test('answers 400 to JSON that is none, before it looks at the key', async () => {
    const answer = await call(stack.current, '/api/public/ingestion', {
      method: 'POST',
      body: '{',
      authorization: null,
    });
    expect(answer).toMatchObject({ status: 400, text: 'Invalid JSON' });
  });

  test('answers 413 above 4.5 MB', async () => {
    const filler = (bytes: number) => [trace({ input: 'x'.repeat(bytes) })];
    expect((await ingest(stack.current, filler(4.4 * 1024 * 1024))).status).toBe(207);
    const answer = await ingest(stack.current, filler(4.5 * 1024 * 1024));
    expect(answer).toMatchObject({ status: 413, text: 'Body exceeded 4.5mb limit' });
  });

  test('uploads all objects or answers 500: the others stay in S3, without a job', async () => {
    const good = trace();
    // As long as any version takes ids, and too long for an S3 server that keeps a folder's name in 255 bytes, as the stacks' do.
    const tooLong = trace({ id: 'x'.repeat(800) });
    const error = 'Failed to upload events to blob storage, aborting event processing';
    expect(await ingest(stack.current, [good, tooLong])).toMatchObject(stack.ingestionFailure(error));
    expect(await objectsOf(stack.current, `trace/${good.body.id}/`)).toEqual([`${good.id}.json`]);
    await using jobs = openQueue(stack.current);
    expect(await jobs.jobOf(good.body.id)).toBeUndefined();
  });

  test('refuses an id of more than 800 characters by itself', async (context) => {
    stack.only(context, { since: 'idsLimited' });
    const [good, tooLong] = [trace(), trace({ id: 'x'.repeat(801) })];
    expect(await ingest(stack.current, [good, tooLong])).toMatchObject({
      status: 207,
      json: { successes: [{ id: good.id }], errors: [{ id: tooLong.id, status: 400 }] },
    });
  });

  test('writes one object and adds one job for each entity of a request', async () => {
    const id = randomUUID();
    const sent = [
      event('trace-create', { id }),
      event('span-create', { id }),
      event('span-update', { id }),
      event('score-create', { id, name: 'n', traceId: id, value: 1 }),
    ];
    await ingest(stack.current, sent);
    for (const entity of ['trace', 'observation', 'score']) {
      expect(await objectsOf(stack.current, `${entity}/${id}/`)).toHaveLength(1);
    }
    await using jobs = openQueue(stack.current);
    // Until then a delay of 0 ms is one: a job counts as delayed until a worker looks.
    const all = await jobs.queue.getJobs([stack.has('jobsWait') ? 'wait' : 'delayed']);
    const types = all.flatMap(({ data: { payload } }) =>
      payload.data.eventBodyId === id ? [payload.data.type] : [],
    );
    expect(types.sort()).toEqual(['score-create', 'span-create', 'trace-create']);
  });

  test('looks at the method, then at the key, then at the body', async () => {
    const send = (method: string) =>
      call(stack.current, '/api/public/ingestion', {
        method,
        body: { none: 1 },
        authorization: 'Basic eDp5',
      });
    expect((await send('PUT')).status).toBe(405);
    expect((await send('POST')).status).toBe(401);
    expect((await call(stack.current, '/api/public/ingestion', { method: 'POST', body: {} })).status).toBe(
      400,
    );
  });

  test('may be asked from any website', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const url = `${stack.current.target.url}/api/public/ingestion`;
    const asked = await fetch(url, { method: 'OPTIONS', headers });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://elsewhere.example');
    const answer = await fetch(url, { method: 'POST', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://elsewhere.example');
  });

  test('answers 405 to other methods', async () => {
    expect(await call(stack.current, '/api/public/ingestion')).toMatchObject({
      status: 405,
      json: { error: 'MethodNotAllowedError', message: 'Method not allowed' },
    });
  });
});

/** How a schema error says that a field is not there. */
const missing = (type: string) =>
  stack.has('zod4') ? `Invalid input: expected ${type}, received undefined` : 'Required';

describe('the key', () => {
  const host = ". Confirm that you've configured the correct host.";

  const WRONG: readonly (readonly [what: string, authorization: () => string | null, message: string])[] = [
    ['none', () => null, 'No authorization header'],
    ['of an unknown kind', () => 'Digest x', 'Invalid authorization header'],
    ['without a password', () => `Basic ${btoa('only')}`, `Invalid authorization header${host}`],
    ['with a wrong secret', () => basic(stack.current, undefined, 'wrong'), `Invalid credentials${host}`],
    ['that is unknown', () => basic(stack.current, 'pk-none', 'sk-none'), `Invalid credentials${host}`],
    ['that is an unknown public one', () => 'Bearer pk-none', `Invalid public key${host}`],
  ];

  test.each(WRONG)('%s: 401 to what writes', async (_what, authorization, message) => {
    const answer = await ingest(stack.current, [], { authorization: authorization() });
    expect(answer).toMatchObject({ status: 401, json: { error: 'UnauthorizedError', message } });
    const other = { method: 'POST', body: { resourceSpans: [] }, authorization: authorization() };
    expect(await call(stack.current, '/api/public/otel/v1/traces', other)).toMatchObject({
      status: 401,
      json: { message },
    });
  });

  test.for(WRONG)('%s: 401 to what reads', async ([_what, authorization, message], context) => {
    // In `events_only` there is no such read.
    stack.only(context, TAKES_TRACES);
    const answer = await call(stack.current, '/api/public/traces', { authorization: authorization() });
    expect(answer).toMatchObject({ status: 401, json: { message } });
  });

  test('is found by its secret alone', async () => {
    const authorization = basic(stack.current, 'pk-of-somebody-else');
    expect((await ingest(stack.current, [trace()], { authorization })).status).toBe(207);
  });

  test('is found by public key and slow hash when the fast hash is missing, which is then stored', async () => {
    const { publicKey } = stack.current.target;
    const key = 'SELECT fast_hashed_secret_key AS hash FROM api_keys WHERE public_key = $1';
    const before = await sql(stack.current, key, [publicKey]);
    await sql(stack.current, 'UPDATE api_keys SET fast_hashed_secret_key = NULL WHERE public_key = $1', [
      publicKey,
    ]);
    // A cache of keys, which is on by default from v3.81.0 on, would answer first.
    await redis(stack.current, async (client) => {
      const cached = await client.keys('api-key:*');
      if (cached.length > 0) await client.del(cached);
    });
    expect((await ingest(stack.current, [trace()])).status).toBe(207);
    expect(await sql(stack.current, key, [publicKey])).toEqual(before);
  });

  test('public alone may write scores only', async (context) => {
    stack.only(context, TAKES_TRACES);
    const authorization = `Bearer ${stack.current.target.publicKey}`;
    const refused = trace();
    const score = event('score-create', { id: randomUUID(), name: 'n', traceId: 't', value: 1 });
    expect(await ingest(stack.current, [refused, score], { authorization })).toMatchObject({
      status: 207,
      json: {
        successes: [{ id: score.id, status: 201 }],
        errors: [
          { id: refused.id, status: 401, message: 'Authentication error', error: 'Access Scope Denied' },
        ],
      },
    });
    expect(await call(stack.current, '/api/public/traces', { authorization })).toMatchObject(
      stack.has('publicKeyForbidden')
        ? { status: 403, json: { message: 'Access denied - insufficient permissions for this endpoint' } }
        : { status: 401, json: { message: 'Access denied - need to use basic auth with secret key' } },
    );
  });
});

describe('POST /api/public/scores', () => {
  const post = (body: object) => call(stack.current, '/api/public/scores', { method: 'POST', body });

  test('answers the id, made up if it is missing, and stores a score-create', async () => {
    const { status, json } = await post({ traceId: 't', name: 'n', value: 1 });
    expect(status).toBe(200);
    const { id } = json as { id: string };
    expect(await objectsOf(stack.current, `score/${id}/`)).toHaveLength(1);
    expect((await post({ id: `s-${id}`, traceId: 't', name: 'n', value: 1 })).json).toEqual({
      id: `s-${id}`,
    });
  });

  test('answers 400 with the issues to a bad body', async () => {
    expect(await post({ traceId: 't', value: 1 })).toMatchObject({
      status: 400,
      json: { message: 'Invalid request data', error: [{ path: ['name'], message: missing('string') }] },
    });
  });

  test("takes a per-event error as the request's", async (context) => {
    stack.only(context, { until: 'environmentRepaired' });
    const answer = await post({ traceId: 't', name: 'n', value: 1, environment: 'langfuse' });
    expect(answer.status).toBe(400);
    expect((answer.json as { message: string }).message).toContain("must not start with 'langfuse'");
  });
});

describeEventTypes(stack);
describeSingleEndpoints(stack);
describeOtlp(stack);
describeRawOtlp(stack);

describe('health', () => {
  test.each(['health', 'ready', 'health?failIfDatabaseUnavailable=true'])('%s: 200', async (path) => {
    expect(await call(stack.current, `/api/public/${path}`, { authorization: null })).toMatchObject({
      status: 200,
      json: { status: 'OK', version: stack.version },
    });
  });

  test('without events: 503 if asked for them', async () => {
    const what = stack.writeMode === 'events_only' ? 'events' : 'traces';
    expect(await call(stack.current, '/api/public/health?failIfNoRecentEvents=true')).toMatchObject({
      status: 503,
      json: { status: `No ${what} within the last 3 minutes`, version: stack.version },
    });
  });
});
