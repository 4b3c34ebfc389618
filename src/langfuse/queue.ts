import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { ChaosError } from '../base/errors.ts';
import type { QueueDepths } from '../history/run-record.ts';
import type { Access } from './access.ts';
import { type FailedSet, openFailedSet } from './failed-set.ts';
import { deploymentOf, findQueues, prefixFor, shardOf } from './find-queues.ts';
import type { IngestionQueueName, Profile } from './profile.ts';
import { type QueuedJob, readJobs } from './queued-jobs.ts';
import { asked, connect } from './redis.ts';
import { type ReplayJob, replayJob, shardFor } from './replay-job.ts';
import type { FoundQueue } from './target-facts.ts';

/** Name of the queue that the web fills and the worker empties (`packages/shared/src/server/queues.ts`, v3.36.0 to v4.16.0). */
export const INGESTION_QUEUE = 'ingestion-queue';

/** Jobs added in one round trip. */
const ADD_SLICE = 500;

/** Milliseconds after which Redis is searched again for queues that have come up since. */
const SEARCH_AGAIN_MS = 5000;

/**
 * Langfuse's queues of the ingestion as one, seen from outside: all of its version's, with all their shards, those that come up later
 * as well. Every method throws {@link ChaosError} `E_REDIS` when Redis can't be asked.
 */
export interface IngestionQueue extends AsyncDisposable {
  /** Jobs by state; `waiting` includes those that wait in a paused queue or with a priority. */
  depths(): Promise<QueueDepths>;
  /** Every job that is waiting, active, delayed or failed at the moment at which its queue is read; see {@link readJobs}. */
  jobs(): AsyncIterable<QueuedJob>;
  readonly failed: FailedSet;
  /**
   * Adds one job for each, to the queue and shard to which the web would; see {@link replayJob}.
   *
   * @param profile of the version that runs now
   */
  addReplayJobs(profile: Profile, projectId: string, jobs: readonly ReplayJob[]): Promise<void>;
}

/**
 * Opens the ingestion queues.
 *
 * A lost connection comes back by itself, but no command waits for it: see {@link connect}.
 *
 * @throws ChaosError `E_REDIS` when Redis does not answer within 3 s or refuses the password; `E_SEVERAL_LANGFUSE` when queues of
 *   several deployments are in this Redis and it is not told which are meant
 */
export async function openIngestionQueue(access: Access['redis']): Promise<IngestionQueue> {
  const redis = await connect(access.url);
  const queues = new OpenQueues(redis, access.keyPrefix);
  try {
    await queues.all({ searchNow: true });
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const all = async () => (await queues.all()).map(({ queue }) => queue);

  return {
    depths: async () => {
      const depths = await asked(Promise.all((await all()).map(readDepths)));
      const total = (state: keyof QueueDepths) => depths.reduce((sum, each) => sum + each[state], 0);
      return {
        waiting: total('waiting'),
        active: total('active'),
        delayed: total('delayed'),
        failed: total('failed'),
      };
    },
    async *jobs() {
      for (const { queue } of await queues.all({ searchNow: true })) yield* readJobs(queue, redis);
    },
    failed: openFailedSet(all, redis),
    addReplayJobs: async (profile, projectId, jobs) => {
      const byQueue = new Map<Queue, { name: string; data: object; opts: object }[]>();
      for (const replay of jobs) {
        const { queue, shardingKey, ...job } = replayJob(profile, projectId, replay);
        const shard = shardAmong(await queues.shardsOf(queue), shardingKey);
        byQueue.set(shard, [...(byQueue.get(shard) ?? []), job]);
      }
      for (const [queue, slice] of byQueue) {
        for (let at = 0; at < slice.length; at += ADD_SLICE) {
          await asked(queue.addBulk(slice.slice(at, at + ADD_SLICE)));
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      await queues.close();
      redis.disconnect();
    },
  };
}

interface OpenQueue {
  readonly found: FoundQueue;
  readonly queue: Queue;
}

/** The queues that are known so far; one that was found once stays, though Redis may lose its keys. */
class OpenQueues {
  readonly #redis: Redis;
  readonly #keyPrefix: string | undefined;
  readonly #open = new Map<string, OpenQueue>();
  #searchedAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, keyPrefix: string | undefined) {
    this.#redis = redis;
    this.#keyPrefix = keyPrefix;
  }

  async all({ searchNow = false } = {}): Promise<OpenQueue[]> {
    if (searchNow || performance.now() - this.#searchedAt > SEARCH_AGAIN_MS) {
      for (const queue of ofOneDeployment(await findQueues(this.#redis), this.#keyPrefix)) this.#add(queue);
      this.#addFirstShard(INGESTION_QUEUE);
      this.#searchedAt = performance.now();
    }
    return [...this.#open.values()];
  }

  /** The shards of one queue, at least the first, in their order. */
  async shardsOf(of: IngestionQueueName): Promise<OpenQueue[]> {
    await this.all();
    this.#addFirstShard(of);
    const shards = [...this.#open.values()].filter(({ found }) => found.of === of);
    return shards.sort((one, other) => shardOf(one.found) - shardOf(other.found));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ queue }) => queue.close().catch(() => {})));
  }

  #add(found: FoundQueue): void {
    const { prefix, name } = found;
    const known = this.#open.get(name);
    if (known?.found.prefix === prefix) return;
    known?.queue.close().catch(() => {});
    // skipMetasUpdate: the queue is Langfuse's; its own settings in Redis stay as they are.
    const queue = new Queue(name, { connection: this.#redis, prefix, skipMetasUpdate: true });
    queue.on('error', () => {
      // The call that meets the error reports it.
    });
    this.#open.set(name, { found, queue });
  }

  /** Opens a queue that has no keys yet where it will be. */
  #addFirstShard(of: IngestionQueueName): void {
    if (this.#open.has(of)) return;
    const [other] = this.#open.values();
    const prefix = other ? prefixFor(of, other.found) : (this.#keyPrefix ?? 'bull');
    this.#add({ name: of, of, prefix });
  }
}

/** Those of the one Langfuse that is meant. @throws ChaosError `E_SEVERAL_LANGFUSE` */
function ofOneDeployment(found: readonly FoundQueue[], keyPrefix: string | undefined): FoundQueue[] {
  const deployments = [...new Set(found.map(deploymentOf))].sort();
  if (keyPrefix !== undefined) return found.filter((queue) => deploymentOf(queue) === keyPrefix);
  if (deployments.length <= 1) return [...found];
  throw new ChaosError({
    code: 'E_SEVERAL_LANGFUSE',
    happened: `In this Redis are ingestion queues under ${deployments.length} prefixes: ${deployments.map((name) => (name === '' ? 'none (cluster)' : name)).join(', ')}.`,
    expected: 'the queues of one Langfuse',
    remedy:
      'tell which one is meant, by its REDIS_KEY_PREFIX, or `bull` where it has none: what is not of the target must be left alone.',
  });
}

/**
 * The shard to which the web adds a job: the first, but in a cluster (`getInstance` in
 * `packages/shared/src/server/redis/ingestionQueue.ts` from v3.70.0 on).
 *
 * @param shards at least one
 */
function shardAmong(shards: readonly OpenQueue[], shardingKey: string): Queue {
  const inCluster = shards.some(({ found }) => found.prefix.startsWith('{'));
  return (shards[inCluster ? shardFor(shardingKey, shards.length) : 0] as OpenQueue).queue;
}

async function readDepths(queue: Queue): Promise<QueueDepths> {
  const counts = await queue.getJobCounts('waiting', 'paused', 'prioritized', 'active', 'delayed', 'failed');
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('waiting') + of('paused') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    failed: of('failed'),
  };
}
