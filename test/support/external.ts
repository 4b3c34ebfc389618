import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Stack } from '../../src/stack/stack.ts';

const COMPONENT = fileURLToPath(new URL('../fixtures/component.ts', import.meta.url));

/** Names of the variables that the file names, and what they hold. */
export function secretsOf({ target, access }: Stack): Readonly<Record<string, string>> {
  return {
    STAGING_PUBLIC_KEY: target.publicKey,
    STAGING_SECRET_KEY: target.secretKey,
    STAGING_CLICKHOUSE_PASSWORD: access.clickhouse.password,
    STAGING_REDIS_PASSWORD: new URL(access.redis.url).password,
    STAGING_S3_KEY: access.s3.accessKeyId,
    STAGING_S3_SECRET: access.s3.secretAccessKey,
  };
}

/** The file of an owner whose deployment is an embedded stack: without any right to faults, unless `more` gives some. */
export function describeStack({ target, access }: Stack): Record<string, unknown> {
  const redis = new URL(access.redis.url);
  const { username, url, database } = access.clickhouse;
  const { endpoint, region, bucket, prefix } = access.s3;
  return {
    name: 'staging',
    project: {
      id: target.projectId,
      publicKey: { env: 'STAGING_PUBLIC_KEY' },
      secretKey: { env: 'STAGING_SECRET_KEY' },
    },
    web: { url: target.url },
    worker: { url: target.workerUrl },
    clickhouse: { url, database, username, password: { env: 'STAGING_CLICKHOUSE_PASSWORD' } },
    redis: {
      url: `redis://${redis.host}`,
      ...(redis.username ? { username: redis.username } : {}),
      ...(redis.password ? { password: { env: 'STAGING_REDIS_PASSWORD' } } : {}),
    },
    s3: {
      endpoint,
      region,
      bucket,
      prefix,
      accessKeyId: { env: 'STAGING_S3_KEY' },
      secretAccessKey: { env: 'STAGING_S3_SECRET' },
    },
  };
}

/** What an owner adds who allows a fault of a link and one of a process. */
export function rights({ folder, toxiproxyUrl }: Stack, abort: Readonly<Record<string, unknown>> = {}) {
  const act = (action: string) => `'${process.execPath}' '${COMPONENT}' '${folder}' worker ${action}`;
  return {
    toxiproxy: { url: toxiproxyUrl, proxies: { 'worker->clickhouse': 'worker→clickhouse' } },
    hooks: {
      worker: { state: act('state'), healthy: act('healthy'), kill: act('kill'), start: act('start') },
    },
    allow: {
      recovery: true,
      faults: [
        { on: 'worker→clickhouse', faults: ['refused'] },
        { on: 'worker', faults: ['killed'] },
      ],
    },
    abort: {
      errorRate: { above: '50 %', over: '30 s' },
      queueLength: { above: '10000 jobs' },
      time: { above: '10 min' },
      ...abort,
    },
  };
}

/** Writes the file. @returns the option that names it */
export function writeTarget(folder: string, name: string, target: Readonly<Record<string, unknown>>): string {
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, stringify(target));
  return `external:${file}`;
}
