import { expect, test } from 'vitest';
import { HTTP_LINKS } from '../../http.ts';
import { COMPONENTS, LINKS } from '../../stack.ts';
import { NAMED } from '../dns/names.ts';
import type { PortName, StackState } from '../state.ts';
import { environmentOf } from './application.ts';
import { clickhousePart } from './clickhouse.ts';
import { dnsPart } from './dns.ts';
import { httpProxyPart } from './http-proxy.ts';

const http = HTTP_LINKS.map((link) => `http:${link}` as const);
const names: PortName[] = [...COMPONENTS, 'dns:web', 'dns:worker', ...http, ...LINKS];
const ports = Object.fromEntries(names.map((name, index) => [name, 20_001 + index])) as StackState['ports'];

const secrets = {
  redisPassword: 'redis-secret',
  postgresPassword: 'postgres-secret',
  clickhousePassword: 'clickhouse-secret',
  s3AccessKeyId: 's3-id',
  s3SecretAccessKey: 's3-secret',
  dnsToken: 'dns-token-of-the-test',
  httpProxyToken: 'http-proxy-token-of-the-test',
  publicKey: 'pk-lf-1',
  secretKey: 'sk-lf-1',
  salt: 'salt',
  encryptionKey: '0'.repeat(64),
  authSecret: 'auth',
};

const state: StackState = {
  version: 2,
  id: '0123456789',
  owner: { pid: 1, startTime: '1' },
  detached: false,
  byHand: false,
  redisAppendOnly: true,
  spec: { kind: 'embedded', pipeline: 'v3.36.0' },
  settings: { worker: { LANGFUSE_INGESTION_QUEUE_DELAY_MS: '5', REFERENCE_BACKOFF_SCALE: '0.1' } },
  secrets,
  ports,
  components: {},
  versions: {},
};

test.each(['web', 'worker'] as const)('%s is told host names and the ports of its own links', (process) => {
  const env = environmentOf(process, state);
  expect(env.CLICKHOUSE_URL).toBe(`http://clickhouse.chaos.test:${ports[`${process}→clickhouse`]}`);
  expect(env.LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT).toBe(`http://s3.chaos.test:${ports[`${process}→s3`]}`);
  expect(env.REDIS_CONNECTION_STRING).toBe(
    `redis://:redis-secret@redis.chaos.test:${ports[`${process}→redis`]}`,
  );
  expect(new URL(env.DATABASE_URL ?? '').host).toBe(`postgres.chaos.test:${ports[`${process}→postgres`]}`);
  expect(env.LANGFUSE_CHAOS_RESOLVER).toBe(`127.0.0.1:${ports[`${process}→dns`]}`);

  const text = JSON.stringify(env);
  const direct = [...NAMED, 'dns:web', 'dns:worker'] as PortName[];
  for (const name of direct) expect(text).not.toContain(String(ports[name]));
});

test('settings come on top, for the process that they name', () => {
  expect(environmentOf('worker', state)).toMatchObject(state.settings.worker ?? {});
  expect(environmentOf('web', state)).toMatchObject({ LANGFUSE_INGESTION_QUEUE_DELAY_MS: '0' });
  expect(environmentOf('web', state)).not.toHaveProperty('REFERENCE_BACKOFF_SCALE');
});

test('no secret is an argument, which any user of the machine could read', async () => {
  for (const part of [clickhousePart, dnsPart, httpProxyPart]) {
    const { args, env } = await part.launch('/stack', state);
    expect(args.join(' ')).not.toMatch(/secret|token/);
    expect(JSON.stringify(env)).toMatch(/secret|token/);
  }
});
