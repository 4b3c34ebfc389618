import { describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/base/wait-until.ts';
import { setProxyEnabled } from '../../src/faults/proxy.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { score, spans } from './support/events.ts';
import { blackHole, isPending, refused } from './support/faults.ts';
import { basic, call, ingest } from './support/http.ts';
import { logged, objectsOf, openQueue, redis, sql } from './support/look.ts';
import { MIGRATES_ITSELF, useStack } from './support/target.ts';

/* How web starts, hangs and goes on when what is behind it is away. */

describe('web', () => {
  const stack = useStack({
    // The cache, on by default from v3.81.0 on, makes web ask Redis first; see below.
    web: { LANGFUSE_CACHE_API_KEY_ENABLED: 'false' },
    worker: { QUEUE_CONSUMER_INGESTION_QUEUE_IS_ENABLED: 'false' },
  });

  test('hangs when it has never reached Redis, and answers 207 once it does', async () => {
    await stack.current.component('web').stop();
    const sent = score();
    let answer: ReturnType<typeof ingest>;
    {
      await using _refused = await refused(stack.current, 'web→redis');
      await stack.current.component('web').start();
      answer = ingest(stack.current, [sent], { timeoutMs: 60_000 });
      await waitUntil(
        'the object to be written',
        async () => (await objectsOf(stack.current, `score/${sent.body.id}/`)).length === 1,
        { timeoutMs: 10_000 },
      );
      expect(await isPending(answer, 1500)).toBe(true);
    }
    expect((await answer).status).toBe(207);
  });

  test('sends a job again whose answer was cut off: one request, two jobs', async () => {
    expect((await ingest(stack.current, [score()])).status).toBe(207);
    const sent = score();
    await using jobs = openQueue(stack.current);
    const jobsOf = async () => {
      const all = await jobs.queue.getJobs(['wait', 'paused', 'delayed']);
      return all.filter(({ data }) => data.payload.data.eventBodyId === sent.body.id).length;
    };
    const toxic = await swallowAnswers(stack.current);
    const answer = ingest(stack.current, [sent], { timeoutMs: 60_000 });
    await waitUntil('the job to be added', async () => (await jobsOf()) === 1, { timeoutMs: 10_000 });
    await setProxyEnabled(stack.current, 'web→redis', false);
    await toxic.remove();
    await setProxyEnabled(stack.current, 'web→redis', true);
    expect((await answer).status).toBe(207);
    expect(await jobsOf()).toBe(2);
  });

  test('goes on as always while ClickHouse answers nothing', async () => {
    await using _silent = await blackHole(stack.current, 'web→clickhouse');
    expect((await ingest(stack.current, [score()])).status).toBe(207);
  });

  test('hangs while S3 answers nothing', async () => {
    let answer: ReturnType<typeof ingest>;
    {
      await using _silent = await blackHole(stack.current, 'web→s3');
      answer = ingest(stack.current, [score()], { timeoutMs: 60_000 });
      expect(await isPending(answer, 1500)).toBe(true);
    }
    // Its connection is cut in the end: tried again, if anything is left of the three attempts.
    expect([207, 500]).toContain((await answer).status);
  });

  test('hangs while Redis answers nothing, when the object is in S3', async () => {
    const sent = score();
    let answer: ReturnType<typeof ingest>;
    {
      await using _silent = await blackHole(stack.current, 'web→redis');
      answer = ingest(stack.current, [sent], { timeoutMs: 60_000 });
      expect(await isPending(answer, 1500)).toBe(true);
      expect(await objectsOf(stack.current, `score/${sent.body.id}/`)).toHaveLength(1);
    }
    expect([207, 500]).toContain((await answer).status);
    await untilAcknowledged();
  });

  test('answers 500 while Redis is full: the object is in S3, without a job', async () => {
    const sent = score();
    const limit = (bytes: number) =>
      redis(stack.current, (client) => client.config('SET', 'maxmemory', String(bytes)));
    await limit(1);
    try {
      const error = expect.stringMatching(/^OOM command not allowed when used memory > 'maxmemory'/);
      expect(await ingest(stack.current, [sent])).toMatchObject(stack.ingestionFailure(error));
    } finally {
      await limit(0);
    }
    expect(await objectsOf(stack.current, `score/${sent.body.id}/`)).toHaveLength(1);
    await using jobs = openQueue(stack.current);
    expect(await jobs.jobOf(sent.body.id)).toBeUndefined();
  });

  test('jobs outlive Redis with its append-only file; without it they are gone, and their objects stay', async () => {
    const component = stack.current.component('redis');
    const restart = async () => {
      await component.kill();
      await component.start();
      await untilAcknowledged();
    };
    const kept = score();
    expect((await ingest(stack.current, [kept])).status).toBe(207);
    await restart();
    await using jobs = openQueue(stack.current);
    expect(await jobs.jobOf(kept.body.id)).toBeDefined();

    const lost = score();
    await redis(stack.current, (client) => client.config('SET', 'appendonly', 'no'));
    expect((await ingest(stack.current, [lost])).status).toBe(207);
    await restart();
    expect(await jobs.jobOf(lost.body.id)).toBeUndefined();
    expect(await objectsOf(stack.current, `score/${lost.body.id}/`)).toHaveLength(1);
  });

  test('jobs are evicted without a word where Redis may evict', async () => {
    const lost = score();
    expect((await ingest(stack.current, [lost])).status).toBe(207);
    await redis(stack.current, async (client) => {
      await client.config('SET', 'maxmemory-policy', 'allkeys-random');
      await client.config('SET', 'maxmemory', '1');
      await client.set('one', 'more').catch(() => undefined);
      await client.config('SET', 'maxmemory', '0');
      await client.config('SET', 'maxmemory-policy', 'noeviction');
    });
    await using jobs = openQueue(stack.current);
    expect(await jobs.jobOf(lost.body.id)).toBeUndefined();
    expect(await objectsOf(stack.current, `score/${lost.body.id}/`)).toHaveLength(1);
    expect((await ingest(stack.current, [score()])).status).toBe(207);
  });

  /** A queue's connection comes back with its reconnect only. */
  const untilAcknowledged = () =>
    waitUntil(
      'ingestion to answer 207',
      async () => (await ingest(stack.current, [score()], { timeoutMs: 30_000 })).status === 207,
      { timeoutMs: 60_000 },
    );

  test('does not come up while ClickHouse is away, since it makes the tables first', async ({ skip }) => {
    skip(!MIGRATES_ITSELF, 'not for a checkout: its migrations are made by the harness, before web starts');
    await stack.current.component('web').stop();
    {
      await using _refused = await refused(stack.current, 'web→clickhouse');
      await expect(stack.current.component('web').start()).rejects.toThrow('ended while it was started');
    }
    expect(await logged(stack.current, 'web', 'Web did not start: ClickHouse tables failed')).toBe(1);
    await stack.current.component('web').start();
    expect((await ingest(stack.current, [score()])).status).toBe(207);
  });
});

describe('web without migrations and with its cache of keys', () => {
  const stack = useStack({
    web: {
      LANGFUSE_AUTO_CLICKHOUSE_MIGRATION_DISABLED: 'true',
      LANGFUSE_CACHE_API_KEY_ENABLED: 'true',
      LANGFUSE_INGESTION_QUEUE_DELAY_MS: '15000',
      NEXT_MANUAL_SIG_HANDLE: 'true',
    },
  });

  test('comes up while ClickHouse is away', async () => {
    await stack.current.component('web').kill();
    await using _refused = await refused(stack.current, 'web→clickhouse');
    await stack.current.component('web').start();
    expect((await ingest(stack.current, [score()])).status).toBe(207);
  });

  test('delays jobs by 5 s, or by the whole 15 s around midnight', async () => {
    const sent = score();
    await ingest(stack.current, [sent]);
    await using jobs = openQueue(stack.current);
    expect([5000, 15_000]).toContain((await jobs.jobOf(sent.body.id))?.delay);
  });

  test('delays no jobs of spans', async (context) => {
    stack.only(context, { until: 'spansRaw' });
    await using jobs = openQueue(stack.current);
    const exported = spans();
    const path = '/api/public/otel/v1/traces';
    const sentSpans = await call(stack.current, path, { method: 'POST', body: exported });
    expect(sentSpans.status).toBe(stack.profile.spansStatus);
    const [id = ''] = exported.resourceSpans[0]?.scopeSpans[0]?.spans.map(({ traceId }) => traceId) ?? [];
    expect((await jobs.jobOf(Buffer.from(id).toString('hex')))?.opts.delay).toBe(0);
  });

  test('knows a key while Postgres is away, but no new one', async () => {
    expect((await ingest(stack.current, [score()])).status).toBe(207);
    await using _refused = await refused(stack.current, 'web→postgres');
    expect((await ingest(stack.current, [score()])).status).toBe(207);
    const authorization = basic(stack.current, 'pk-other', 'sk-other');
    expect(await ingest(stack.current, [score()], { authorization })).toMatchObject({
      status: 500,
      json: { error: 'Internal Server Error' },
    });
  });

  test('keeps a key for so many seconds after its last use', async () => {
    expect((await ingest(stack.current, [score()])).status).toBe(207);
    const [{ fast_hashed_secret_key: hash = '' } = {}] = (await sql(
      stack.current,
      'SELECT fast_hashed_secret_key FROM api_keys WHERE public_key = $1',
      [stack.current.target.publicKey],
    )) as { fast_hashed_secret_key?: string }[];
    const left = () => redis(stack.current, (client) => client.ttl(`api-key:${hash}`));
    await redis(stack.current, (client) => client.expire(`api-key:${hash}`, 5));
    expect((await ingest(stack.current, [score()])).status).toBe(207);
    expect(await left()).toBeGreaterThan(100);
    const cached = await redis(stack.current, (client) => client.get(`api-key:${hash}`));
    expect(JSON.parse(cached ?? '')).toMatchObject({ projectId: stack.current.target.projectId });
  });

  test('is no longer healthy without Postgres, if asked for it', async () => {
    await using _refused = await refused(stack.current, 'web→postgres');
    expect(await call(stack.current, '/api/public/health?failIfDatabaseUnavailable=true')).toMatchObject({
      status: 503,
      json: { version: stack.version },
    });
    expect((await call(stack.current, '/api/public/health')).status).toBe(200);
  });

  test('remembers that a key was not there', async () => {
    const authorization = basic(stack.current, 'pk-late', 'sk-late');
    expect((await ingest(stack.current, [], { authorization })).status).toBe(401);
    await using _refused = await refused(stack.current, 'web→postgres');
    expect((await ingest(stack.current, [], { authorization })).status).toBe(401);
  });

  test('hangs while Redis is away, before anything is written', async () => {
    const sent = score();
    let answer: ReturnType<typeof ingest>;
    {
      await using _refused = await refused(stack.current, 'web→redis');
      answer = ingest(stack.current, [sent], { timeoutMs: 60_000 });
      expect(await isPending(answer, 1500)).toBe(true);
      expect(await objectsOf(stack.current, `score/${sent.body.id}/`)).toEqual([]);
    }
    // The key is read as soon as the cache is back; the queue's connection may come back later.
    expect([207, 500]).toContain((await answer).status);
  });

  test('goes on after SIGTERM, but is no longer ready', async () => {
    const web = stack.current.component('web');
    expect((await call(stack.current, '/api/public/ready')).status).toBe(200);
    const stopped = web.stop();
    await waitUntil(
      'web to be no longer ready',
      async () => (await call(stack.current, '/api/public/ready')).status === 500,
      { timeoutMs: 5000 },
    );
    expect(await call(stack.current, '/api/public/ready')).toMatchObject({
      json: { status: 'SIGTERM / SIGINT received, shutting down', version: stack.version },
    });
    expect((await call(stack.current, '/api/public/health')).status).toBe(200);
    await web.kill();
    await stopped;
  });
});

/** Lets commands reach Redis and drops what it answers. */
async function swallowAnswers({ toxiproxyUrl }: Stack): Promise<{ remove(): Promise<void> }> {
  const toxics = `${toxiproxyUrl}/proxies/${encodeURIComponent('web→redis')}/toxics`;
  const added = await fetch(toxics, {
    method: 'POST',
    body: JSON.stringify({
      name: 'swallow',
      type: 'timeout',
      stream: 'downstream',
      attributes: { timeout: 0 },
    }),
  });
  expect(added.status, await added.text()).toBe(200);
  return {
    remove: async () => {
      await fetch(`${toxics}/swallow`, { method: 'DELETE' });
    },
  };
}
