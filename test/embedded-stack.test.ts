import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../src/base/wait-until.ts';
import { attachEmbeddedStack } from '../src/stack/embedded/attach.ts';
import { startEmbeddedStack } from '../src/stack/embedded/start.ts';
import { COMPONENTS, type Component, LINKS, type Link, type Stack } from '../src/stack/stack.ts';
import { ask, queryClickHouse, sendTrace, untilLanded } from './support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  // A failed job is tried again after 0.5 s instead of 5 s.
  const settings = { REFERENCE_BACKOFF_SCALE: '0.1' };
  stack = await startEmbeddedStack({ settings: { web: settings, worker: settings } });
});
afterAll(async () => stack?.[Symbol.asyncDispose]());

test('all components run and tell their versions', async () => {
  for (const name of COMPONENTS) expect(await stack.component(name).state()).toBe('running');
  expect(Object.keys(stack.versions).sort()).toEqual(
    ['node', 'reference pipeline', 'toxiproxy', 'redis', 'postgres', 's3', 'clickhouse', 'web'].sort(),
  );
  for (const version of Object.values(stack.versions)) expect(version).toMatch(/^v?\d+\.\d+/);
});

test('an event that is sent lands in ClickHouse', async () => {
  const { status, id } = await sendTrace(stack);
  expect(status).toBe(207);
  await untilLanded(stack, id);
  expect((await ask(stack, `/api/public/traces/${id}`)).status).toBe(200);
});

test('another process can take hold of the stack by its folder', async () => {
  const attached = await attachEmbeddedStack(stack.folder);
  expect(attached.target).toEqual(stack.target);
  expect(attached.access).toEqual(stack.access);
  await attached.component('worker').pause();
  expect(await stack.component('worker').state()).toBe('paused');
  await attached.component('worker').resume();
});

describe('links', () => {
  test('each has its proxy, and nothing else has one', async () => {
    const proxies = await new Toxiproxy(stack.toxiproxyUrl).getAll();
    expect(Object.keys(proxies).sort()).toEqual([...LINKS].sort());
    for (const link of LINKS) {
      const { host, port } = stack.linkAddress(link);
      expect(proxies[link]?.listen).toBe(`${host}:${port}`);
    }
  });

  /** Cuts links while `during` runs. */
  async function withCut(links: Link[], during: () => Promise<void>) {
    const toxiproxy = new Toxiproxy(stack.toxiproxyUrl);
    const set = async (enabled: boolean) => {
      for (const link of links) {
        const proxy = await toxiproxy.get(link);
        await proxy.update({ enabled, listen: proxy.listen, upstream: proxy.upstream });
      }
    };
    await set(false);
    try {
      await during();
    } finally {
      await set(true);
    }
  }

  test('web→s3', async () => {
    await withCut(['web→s3'], async () => {
      const { status, body } = await sendTrace(stack);
      expect(status).toBe(500);
      expect(body).toContain('Failed to upload events to blob storage');
    });
    await untilLanded(stack, (await sendTrace(stack)).id);
  });

  test('web→redis', async () => {
    await withCut(['web→redis'], async () => {
      const answer = await waitUntil(
        'web to notice',
        async () => {
          const one = await sendTrace(stack);
          return one.status === 500 && one;
        },
        { timeoutMs: 5000 },
      );
      expect(answer.body).toContain("Stream isn't writeable and enableOfflineQueue options is false");
    });
    await waitUntil('web to find Redis again', async () => (await sendTrace(stack)).status === 207, {
      timeoutMs: 20_000,
    });
  });

  test('web→postgres', async () => {
    await withCut(['web→postgres'], async () => {
      expect(await sendTrace(stack)).toMatchObject({
        status: 500,
        body: '{"error":"Internal Server Error"}',
      });
    });
    expect((await sendTrace(stack)).status).toBe(207);
  });

  test('web→clickhouse', async () => {
    await withCut(['web→clickhouse'], async () => {
      expect((await sendTrace(stack)).status).toBe(207);
      const { status, body } = await ask(stack, '/api/public/traces');
      expect(status).toBe(500);
      expect(body).toContain('ECONNREFUSED');
    });
    expect((await ask(stack, '/api/public/traces')).status).toBe(200);
  });

  test('web→dns', async () => {
    await withCut(['web→dns'], async () => {
      const { status, body } = await ask(stack, '/api/public/traces');
      expect(status).toBe(500);
      expect(body).toContain('getaddrinfo EAI_AGAIN clickhouse.chaos.test');
    });
    expect((await ask(stack, '/api/public/traces')).status).toBe(200);
  });

  test.each(['worker→redis', 'worker→postgres'] as const)('%s', async (link) => {
    const health = async () => (await fetch(`${stack.target.workerUrl}/api/health`)).status;
    await withCut([link], async () => {
      await waitUntil('the worker to be unhealthy', async () => (await health()) === 500, {
        timeoutMs: 10_000,
      });
    });
    await waitUntil('the worker to be healthy', async () => (await health()) === 200, { timeoutMs: 20_000 });
  });

  test.each([
    ['worker→clickhouse', 'ECONNREFUSED'],
    ['worker→s3', 'Failed to list files from S3'],
    ['worker→dns', 'getaddrinfo EAI_AGAIN'],
  ] as const)('%s', async (link, reason) => {
    const { hostname, port, password } = new URL(stack.access.redis.url);
    const queue = new Queue('ingestion-queue', {
      connection: { host: hostname, port: Number(port), password },
    });
    let id = '';
    await withCut([link], async () => {
      id = (await sendTrace(stack)).id;
      // Its first attempt may meet a link of an earlier test that is still coming back.
      await waitUntil(
        `a job to fail with "${reason}"`,
        async () => (await queue.getDelayed()).some((job) => job.failedReason?.includes(reason)),
        { timeoutMs: 10_000 },
      );
    });
    await untilLanded(stack, id);
    await queue.close();
  });

  test('a name that is gone for the web is there for the worker', async () => {
    const name = stack.dns.nameOf('clickhouse');
    await stack.dns.setFault('web', name, { kind: 'nxdomain' });
    expect(await ask(stack, '/api/public/traces')).toMatchObject({
      status: 500,
      body: expect.stringContaining(`getaddrinfo ENOTFOUND ${name}`),
    });
    await untilLanded(stack, (await sendTrace(stack)).id);
    await stack.dns.clearFault('web', name);
    expect((await ask(stack, '/api/public/traces')).status).toBe(200);
  });
});

/** Writes something into a component and reads it back, past every link. */
interface Store {
  write(value: string): Promise<void>;
  read(): Promise<string>;
}

const stores: Record<'redis' | 'postgres' | 's3' | 'clickhouse', () => Store> = {
  redis: () => {
    const use = async <T>(action: (redis: Redis) => Promise<T>) => {
      const redis = new Redis(stack.access.redis.url, { retryStrategy: () => null, commandTimeout: 2000 });
      redis.on('error', () => {});
      return action(redis).finally(() => redis.disconnect());
    };
    return {
      write: (value) =>
        use(async (redis) => {
          await redis.set('kept', value);
          // Redis puts a write to its file off for up to 2 s while the last fsync is still under way, and answers all the same.
          await waitUntil(
            'Redis to have written its file',
            async () => (await redis.info('persistence')).includes('aof_buffer_length:0\r\n'),
            { timeoutMs: 10_000 },
          );
        }),
      read: async () => (await use((redis) => redis.get('kept'))) ?? '',
    };
  },
  postgres: () => {
    const use = async (sql: string, values: string[] = []) => {
      const client = new pg.Client({
        connectionString: stack.access.postgres.url,
        connectionTimeoutMillis: 2000,
        query_timeout: 2000,
      });
      client.on('error', () => {});
      await client.connect();
      return client.query(sql, values).finally(() => client.end());
    };
    return {
      async write(value) {
        await use('CREATE TABLE IF NOT EXISTS kept (value text)');
        await use('INSERT INTO kept VALUES ($1)', [value]);
      },
      read: async () => (await use('SELECT value FROM kept')).rows.at(-1)?.value,
    };
  },
  s3: () => {
    const { endpoint, region, bucket: Bucket, accessKeyId, secretAccessKey } = stack.access.s3;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey },
      requestHandler: { requestTimeout: 2000, throwOnRequestTimeout: true },
    });
    return {
      write: async (Body) => void (await client.send(new PutObjectCommand({ Bucket, Key: 'kept/it', Body }))),
      read: async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'kept/it' }));
        return (await Body?.transformToString()) ?? '';
      },
    };
  },
  clickhouse: () => ({
    async write(value) {
      await queryClickHouse(
        stack,
        'CREATE TABLE IF NOT EXISTS kept (value String) ENGINE = MergeTree ORDER BY value',
      );
      await queryClickHouse(stack, `INSERT INTO kept VALUES ('${value}')`);
    },
    read: () => queryClickHouse(stack, 'SELECT value FROM kept'),
  }),
};

describe.each(['redis', 'postgres', 's3', 'clickhouse'] as const)('%s', (name) => {
  const component = () => stack.component(name);

  test('keeps what was acknowledged when it is killed, and comes back on its port', async () => {
    const store = stores[name]();
    await store.write('before the kill');
    await component().kill();
    expect(await component().state()).toBe('exited');
    await expect(store.read()).rejects.toThrow();
    await component().start();
    expect(await component().state()).toBe('running');
    expect(await store.read()).toBe('before the kill');
  });

  test('says nothing while it is paused, and goes on afterwards', async () => {
    await component().pause();
    expect(await component().state()).toBe('paused');
    await expect(stores[name]().read()).rejects.toThrow();
    await component().resume();
    expect(await component().state()).toBe('running');
    expect(await stores[name]().read()).toBe('before the kill');
  });

  test('can be stopped, also while it is paused, and started again', async () => {
    await component().pause();
    await component().stop();
    expect(await component().state()).toBe('exited');
    await component().start();
    expect(await stores[name]().read()).toBe('before the kill');
  });
});

describe.each(['toxiproxy', 'dns', 'web', 'worker'] as const satisfies Component[])('%s', (name) => {
  test('can be killed and started again, and events land', async () => {
    await stack.component(name).kill();
    expect(await stack.component(name).state()).toBe('exited');
    await stack.component(name).start();
    const { id } = await waitUntil(
      'an event to be taken',
      async () => {
        const sent = await sendTrace(stack);
        return sent.status === 207 && sent;
      },
      { timeoutMs: 20_000 },
    );
    await untilLanded(stack, id);
  });
});

test('a component has a log', async () => {
  expect((await stack.component('clickhouse').log(1))[0]).toContain('listening');
});
