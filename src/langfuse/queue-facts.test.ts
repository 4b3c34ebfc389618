import { expect, test } from 'vitest';
import { parseClientName } from './queue-facts.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  [`bull:${base64('ingestion-queue')}`, 'bull', 'ingestion-queue'],
  [`bull:${base64('otel-ingestion-queue')}:w:mine`, 'bull', 'otel-ingestion-queue'],
  [`acme:prod:${base64('ingestion-queue')}`, 'acme:prod', 'ingestion-queue'],
  [`{ingestion-queue-1}:${base64('ingestion-queue-1')}`, '{ingestion-queue-1}', 'ingestion-queue-1'],
  // As v4.16.0 does without REDIS_KEY_PREFIX; its keys begin with `bull` all the same.
  [`undefined:${base64('ingestion-queue')}`, 'bull', 'ingestion-queue'],
])('%s is a worker', (client, prefix, name) => {
  expect(parseClientName(client)).toEqual({ prefix, name });
});

test.each(['', 'my-service', 'a:b', 'redis:cli:%%'])('%j is none', (client) => {
  expect(parseClientName(client)).toBeUndefined();
});
