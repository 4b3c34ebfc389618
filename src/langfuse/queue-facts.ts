import { type Redis, ReplyError } from 'ioredis';
import type { Access } from './access.ts';
import { deploymentOf, findQueues } from './find-queues.ts';
import type { IngestionQueueName } from './profile.ts';
import { asked, connect } from './redis.ts';
import type { FoundQueue, QueueFacts } from './target-facts.ts';

/**
 * The queues that Redis holds, each with its jobs and workers.
 *
 * @throws ChaosError `E_REDIS`
 */
export async function readQueueFacts(access: Access['redis']): Promise<QueueFacts[]> {
  return connected(access, async (redis) => {
    const found = await findQueues(redis);
    const { keyPrefix } = access;
    const own = keyPrefix === undefined ? found : found.filter((queue) => deploymentOf(queue) === keyPrefix);
    const clients = await workerClients(redis);
    return Promise.all(own.map((queue) => factsOf(queue, redis, clients)));
  });
}

/**
 * Whether any worker is connected for a queue, under whatever prefix, though the queue may have no keys yet; undefined where Redis
 * does not tell who is connected.
 *
 * @throws ChaosError `E_REDIS`
 */
export async function hasWorker(
  access: Access['redis'],
  queue: IngestionQueueName,
): Promise<boolean | undefined> {
  const clients = await connected(access, workerClients);
  return clients?.some(({ name }) => name === queue);
}

/**
 * How many worker processes there may be, as far as their connections tell: the most that wait for one queue, or the hosts that they come
 * from, where queues have workers of their own. Undefined where Redis does not tell who is connected.
 *
 * @throws ChaosError `E_REDIS`
 */
export async function countWorkers(access: Access['redis']): Promise<number | undefined> {
  const clients = await connected(access, workerClients);
  if (!clients) return undefined;
  const ofQueue = new Map<string, number>();
  for (const { prefix, name } of clients) {
    const queue = `${prefix}:${name}`;
    ofQueue.set(queue, (ofQueue.get(queue) ?? 0) + 1);
  }
  return Math.max(...ofQueue.values(), new Set(clients.map(({ host }) => host)).size);
}

async function connected<T>({ url }: Access['redis'], ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = await connect(url);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

async function factsOf(
  queue: FoundQueue,
  redis: Redis,
  clients: readonly WorkerClient[] | undefined,
): Promise<QueueFacts> {
  const key = (part: string) => `${queue.prefix}:${queue.name}:${part}`;
  const [waiting, paused, active, delayed, prioritized, failed] = await asked(
    Promise.all([
      redis.llen(key('wait')),
      redis.llen(key('paused')),
      redis.llen(key('active')),
      redis.zcard(key('delayed')),
      redis.zcard(key('prioritized')),
      redis.zcard(key('failed')),
    ]),
  );
  const own = clients?.filter(({ prefix, name }) => prefix === queue.prefix && name === queue.name);
  return {
    ...queue,
    jobs: waiting + paused + active + delayed + prioritized,
    failed,
    workers: own?.length,
  };
}

/** A connection over which a worker waits for the jobs of a queue. */
interface WorkerClient {
  readonly prefix: string;
  readonly name: string;
  /** Address that it comes from, without its port. */
  readonly host: string;
}

/**
 * All of them; undefined where Redis refuses the command, as for a user that may not give it, or by some who offer Redis as a service.
 *
 * @throws ChaosError `E_REDIS` when it does not answer
 */
async function workerClients(redis: Redis): Promise<WorkerClient[] | undefined> {
  let list: string;
  try {
    list = (await redis.client('LIST')) as string;
  } catch (error) {
    if (error instanceof ReplyError) return undefined;
    return asked(Promise.reject(error));
  }
  return list.split('\n').flatMap((line) => {
    const [, host = ''] = / addr=(\S+):\d+ /.exec(line) ?? [];
    const queue = parseClientName(/ name=(\S+)/.exec(line)?.[1] ?? '');
    return queue ? { ...queue, host } : [];
  });
}

/**
 * How a worker calls its connection: prefix, queue in base64, and a name of its own if it has one (`QueueBase.clientName` in BullMQ 5).
 * A Langfuse that has the setting REDIS_KEY_PREFIX and is not given any (v4.16.0) hands BullMQ the prefix `undefined`, which then
 * stands in the connection's name, though not in the keys: these have `bull`. So `queue.getWorkers()` does not find its workers.
 */
export function parseClientName(client: string): Omit<WorkerClient, 'host'> | undefined {
  const [connection = ''] = client.split(':w:');
  const [, prefix, encoded] = /^(.+):([A-Za-z0-9+/]+={0,2})$/.exec(connection) ?? [];
  if (prefix === undefined || encoded === undefined) return undefined;
  const name = Buffer.from(encoded, 'base64').toString();
  return /^[\w-]+$/.test(name) ? { prefix: prefix === 'undefined' ? 'bull' : prefix, name } : undefined;
}
