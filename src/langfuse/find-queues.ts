import type { Redis } from 'ioredis';
import { INGESTION_QUEUES, type IngestionQueueName } from './profile.ts';
import { asked } from './redis.ts';
import type { FoundQueue } from './target-facts.ts';

/** Keys that Redis looks at in one step of a scan. */
const SCAN_STEP = 1000;

/** Takes `…:meta` and `…:id` and few others. */
const PATTERN = '*ingestion-queue*:[mi][ed]*';

/**
 * The queues of the ingestion that Redis holds, under whatever stands before their names, and with all their shards. In the order of
 * {@link INGESTION_QUEUES}, then by shard.
 *
 * They are known by two keys: BullMQ 5 writes `<prefix>:<name>:meta` when a queue is opened, and counts jobs in `<prefix>:<name>:id`,
 * which alone is there when Redis has lost its data since. What stands before the name: `getQueuePrefix` in
 * `packages/shared/src/server/redis/redis.ts` at v4.16.0.
 *
 * @throws ChaosError `E_REDIS`
 */
export async function findQueues(redis: Redis): Promise<FoundQueue[]> {
  const found = new Map<string, FoundQueue>();
  let cursor = '0';
  do {
    const [next, keys] = await asked(redis.scan(cursor, 'MATCH', PATTERN, 'COUNT', SCAN_STEP));
    for (const key of keys) {
      const queue = parseQueueKey(key);
      if (queue) found.set(`${queue.prefix}:${queue.name}`, queue);
    }
    cursor = next;
  } while (cursor !== '0');
  return [...found.values()].sort(byKindAndShard);
}

/** The queue of a key such as `bull:ingestion-queue:meta` or `{ingestion-queue-1}:ingestion-queue-1:id`; undefined for another key. */
export function parseQueueKey(key: string): FoundQueue | undefined {
  const [, prefix, name, of] =
    /^(.+):(((?:secondary-)?(?:otel-)?ingestion-queue)(?:-\d+)?):(?:meta|id)$/.exec(key) ?? [];
  const known = INGESTION_QUEUES.find((queue) => queue === of);
  return prefix !== undefined && name !== undefined && known ? { name, of: known, prefix } : undefined;
}

/** What stands before a queue's name where this other queue of the same Langfuse was found. */
export function prefixFor(name: IngestionQueueName, other: FoundQueue): string {
  const deployment = deploymentOf(other);
  if (deployment === other.prefix) return deployment;
  return deployment === '' ? `{${name}}` : `{${deployment}:${name}}`;
}

/**
 * What tells the queues of one Langfuse from those of another in the same Redis: REDIS_KEY_PREFIX, `bull` where there is none,
 * `''` in a cluster without one.
 */
export function deploymentOf({ prefix, name }: FoundQueue): string {
  const inBraces = /^\{(?:(.*):)?([^:]*)\}$/.exec(prefix);
  return inBraces?.[2] === name ? (inBraces[1] ?? '') : prefix;
}

/** Number of a shard; 0 for the first, which has none in its name. */
export function shardOf({ name, of }: FoundQueue): number {
  return name === of ? 0 : Number(name.slice(of.length + 1));
}

function byKindAndShard(one: FoundQueue, other: FoundQueue): number {
  const place = (of: IngestionQueueName) => INGESTION_QUEUES.indexOf(of);
  return place(one.of) - place(other.of) || shardOf(one) - shardOf(other);
}
