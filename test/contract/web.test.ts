import { describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/base/wait-until.ts';
import { setProxyEnabled } from '../../src/faults/proxy.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { trace } from './support/events.ts';
import { isPending, refused } from './support/faults.ts';
import { basic, call, ingest } from './support/http.ts';
import { logged, objectsOf, openQueue } from './support/look.ts';
import { useStack } from './support/target.ts';

/* How web starts, hangs and goes on when what is behind it is away. */

describe('web', () => {
  const stack = useStack({ worker: { QUEUE_CONSUMER_INGESTION_QUEUE_IS_ENABLED: 'false' } });

  test('hangs when it has never reached Redis, and answers 207 once it does', async () => {
    await stack.current.component('web').stop();
    const sent = trace();
    let answer: ReturnType<typeof ingest>;
    {
      await using _refused = await refused(stack.current, 'web→redis');
      await stack.current.component('web').start();
      answer = ingest(stack.current, [sent], { timeoutMs: 60_000 });
      await waitUntil(
        'the object to be written',
        async () => (await objectsOf(stack.current, `trace/${sent.body.id}/`)).length === 1,
        { timeoutMs: 10_000 },
      );
      expect(await isPending(answer, 1500)).toBe(true);
    }
    expect((await answer).status).toBe(207);
  });

  test('sends a job again whose answer was cut off: one request, two jobs', async () => {
    expect((await ingest(stack.current, [trace()])).status).toBe(207);
    const sent = trace();
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

  test('does not come up while ClickHouse is away, since it makes the tables first', async () => {
    await stack.current.component('web').stop();
    {
      await using _refused = await refused(stack.current, 'web→clickhouse');
      await expect(stack.current.component('web').start()).rejects.toThrow('ended while it was started');
    }
    expect(await logged(stack.current, 'web', 'Web did not start: ClickHouse tables failed')).toBe(1);
    await stack.current.component('web').start();
    expect((await ingest(stack.current, [trace()])).status).toBe(207);
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
    expect((await ingest(stack.current, [trace()])).status).toBe(207);
  });

  test('delays jobs by 5 s, or by the whole 15 s around midnight', async () => {
    const sent = trace();
    await ingest(stack.current, [sent]);
    await using jobs = openQueue(stack.current);
    expect([5000, 15_000]).toContain((await jobs.jobOf(sent.body.id))?.delay);
  });

  test('knows a key while Postgres is away, but no new one', async () => {
    expect((await ingest(stack.current, [trace()])).status).toBe(207);
    await using _refused = await refused(stack.current, 'web→postgres');
    expect((await ingest(stack.current, [trace()])).status).toBe(207);
    const authorization = basic(stack.current, 'pk-other', 'sk-other');
    expect(await ingest(stack.current, [trace()], { authorization })).toMatchObject({
      status: 500,
      json: { error: 'Internal Server Error' },
    });
  });

  test('remembers that a key was not there', async () => {
    const authorization = basic(stack.current, 'pk-late', 'sk-late');
    expect((await ingest(stack.current, [], { authorization })).status).toBe(401);
    await using _refused = await refused(stack.current, 'web→postgres');
    expect((await ingest(stack.current, [], { authorization })).status).toBe(401);
  });

  test('hangs while Redis is away, before anything is written', async () => {
    const sent = trace();
    let answer: ReturnType<typeof ingest>;
    {
      await using _refused = await refused(stack.current, 'web→redis');
      answer = ingest(stack.current, [sent], { timeoutMs: 60_000 });
      expect(await isPending(answer, 1500)).toBe(true);
      expect(await objectsOf(stack.current, `trace/${sent.body.id}/`)).toEqual([]);
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
