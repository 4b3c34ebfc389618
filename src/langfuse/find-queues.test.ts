import { expect, test } from 'vitest';
import { deploymentOf, parseQueueKey, prefixFor, shardOf } from './find-queues.ts';
import type { FoundQueue } from './target-facts.ts';

const found = (key: string) => {
  const queue = parseQueueKey(key);
  return queue && { ...queue, deployment: deploymentOf(queue), shard: shardOf(queue) };
};

test.each([
  ['bull:ingestion-queue:meta', 'bull', 'ingestion-queue', 'bull', 0],
  ['bull:ingestion-queue-2:meta', 'bull', 'ingestion-queue-2', 'bull', 2],
  ['acme:prod:ingestion-queue:meta', 'acme:prod', 'ingestion-queue', 'acme:prod', 0],
  ['{ingestion-queue-1}:ingestion-queue-1:meta', '{ingestion-queue-1}', 'ingestion-queue-1', '', 1],
  [
    '{acme:secondary-otel-ingestion-queue-10}:secondary-otel-ingestion-queue-10:meta',
    '{acme:secondary-otel-ingestion-queue-10}',
    'secondary-otel-ingestion-queue-10',
    'acme',
    10,
  ],
])('%s', (key, prefix, name, deployment, shard) => {
  expect(found(key)).toMatchObject({ prefix, name, deployment, shard });
});

test('a queue that has lost its settings is known by its count of jobs', () => {
  expect(found('bull:otel-ingestion-queue:id')).toMatchObject({ name: 'otel-ingestion-queue' });
});

test('where a queue without keys would be, by one that has some', () => {
  const where = (key: string) => prefixFor('otel-ingestion-queue', parseQueueKey(key) as FoundQueue);
  expect(where('acme:ingestion-queue:meta')).toBe('acme');
  expect(where('{ingestion-queue-1}:ingestion-queue-1:meta')).toBe('{otel-ingestion-queue}');
  expect(where('{acme:ingestion-queue}:ingestion-queue:meta')).toBe('{acme:otel-ingestion-queue}');
});

test('the queue that a shard belongs to', () => {
  expect(found('bull:otel-ingestion-queue-3:meta')).toMatchObject({ of: 'otel-ingestion-queue' });
  expect(found('bull:secondary-ingestion-queue:meta')).toMatchObject({ of: 'secondary-ingestion-queue' });
});

test.each([
  'bull:trace-upsert:meta',
  'bull:my-ingestion-queue:meta',
  'bull:ingestion-queue:failed',
  'ingestion-queue:meta',
])('not a queue of the ingestion: %s', (key) => {
  expect(found(key)).toBeUndefined();
});
