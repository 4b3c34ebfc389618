import { setTimeout as delay } from 'node:timers/promises';
import { answersControl } from '../embedded/control-interface/call.ts';
import { answerOf } from '../embedded/parts/application.ts';
import { PROBE_TIMEOUT_MS } from '../embedded/parts/part.ts';
import { askPostgres } from '../embedded/parts/postgres.ts';
import { askRedis } from '../embedded/parts/redis.ts';
import { makeBucket } from '../embedded/parts/s3.ts';
import { CLICKHOUSE_USER, postgresUrl, redisUrl } from '../embedded/urls.ts';
import type { Secrets } from '../secrets.ts';
import type { Component } from '../stack.ts';
import type { Address } from './layout.ts';

/** Where the servers are and what they want to be shown. */
export interface ProbePlace {
  addressOf(component: Component): Address;
  readonly secrets: Secrets;
}

/**
 * Asks a component whether it answers, and by its password or token that it is this stack's.
 *
 * @returns its version, where it tells one
 * @throws when it does not answer within 5 s
 */
export async function askComponent(name: Component, place: ProbePlace): Promise<string | undefined> {
  const answered = new AbortController();
  const silence = delay(PROBE_TIMEOUT_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`no answer within ${PROBE_TIMEOUT_MS / 1000} s`);
  });
  try {
    return await Promise.race([ask(name, place), silence]);
  } finally {
    answered.abort();
  }
}

async function ask(name: Component, { addressOf, secrets }: ProbePlace): Promise<string | undefined> {
  const { host, port } = addressOf(name);
  const url = `http://${host}:${port}`;
  switch (name) {
    case 'toxiproxy':
      return versionOfToxiproxy(url);
    case 'dns':
      return onlyIf(await answersControl(url, secrets.dnsToken));
    case 'http-proxy':
      return onlyIf(await answersControl(url, secrets.httpProxyToken));
    case 'redis':
      return askRedis(redisUrl(host, port, secrets.redisPassword));
    case 'postgres':
      return askPostgres(postgresUrl(host, port, secrets.postgresPassword));
    case 's3':
      return makeBucket(url, secrets).then(() => undefined);
    case 'clickhouse':
      return askClickHouse(url, secrets.clickhousePassword);
    case 'web':
      return answerOf(`${url}/api/public/health`);
    case 'worker':
      return answerOf(`${url}/api/health`);
  }
}

function onlyIf(knowsToken: boolean): undefined {
  if (!knowsToken) throw new Error('it does not know the token');
}

async function versionOfToxiproxy(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/version`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  const { version } = (await response.json()) as { version?: string };
  return version;
}

async function askClickHouse(url: string, password: string): Promise<string> {
  const response = await fetch(`${url}/?query=SELECT%20version()`, {
    headers: { 'x-clickhouse-user': CLICKHOUSE_USER, 'x-clickhouse-key': password },
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  const text = (await response.text()).trim();
  if (!response.ok) throw new Error(`status ${response.status}: ${text}`);
  return text;
}
