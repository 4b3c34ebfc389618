import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { waitUntil } from '../../src/base/wait-until.ts';
import { INGESTION_QUEUE } from '../../src/langfuse/queue.ts';

const REFUSED = 'connect ECONNREFUSED 127.0.0.1:8123';

/** Moves all waiting jobs to the failed set as BullMQ's worker leaves them after five attempts (`moveToFinished`), one a millisecond. */
const FAIL_WAITING = `
  local ids = redis.call('LRANGE', KEYS[1], 0, -1)
  for i = #ids, 1, -1 do
    local at = ARGV[2] - i
    redis.call('ZADD', KEYS[2], at, ids[i])
    redis.call('HSET', ARGV[1] .. ids[i], 'failedReason', ARGV[3], 'finishedOn', at, 'processedOn', at, 'atm', 5, 'ats', 5)
  end
  redis.call('DEL', KEYS[1], KEYS[3])`;

/**
 * Adds jobs of the entities `trace/t0`, `trace/t1`, … of project `p` and fails them with a refused connection, `t0` first.
 * A worker would need minutes for 100,000.
 */
export async function fillFailedSet(url: string, count: number): Promise<void> {
  await usingQueue(url, async (queue) => {
    for (let at = 0; at < count; at += 1000) {
      const numbers = Array.from({ length: Math.min(1000, count - at) }, (_, n) => at + n);
      await queue.addBulk(numbers.map(jobOf));
    }
  });
  await failWaiting(url);
}

/** Fails every job that is waiting, as if ClickHouse were away again. */
export async function failWaiting(url: string, error = REFUSED): Promise<void> {
  await usingQueue(url, async (queue, redis) => {
    const { wait = '', failed = '', marker = '' } = queue.keys;
    await redis.eval(FAIL_WAITING, 3, wait, failed, marker, queue.toKey(''), Date.now(), error);
  });
}

/** Waits until every job is done or has failed for good, and removes those that have failed. */
export async function dropFailed(url: string): Promise<void> {
  await usingQueue(url, async (queue) => {
    await waitUntil(
      'the queue to be at rest',
      async () => (await queue.getJobCountByTypes('wait', 'active', 'delayed')) === 0,
      { timeoutMs: 60_000 },
    );
    await queue.clean(0, 0, 'failed');
  });
}

/** A job as Langfuse's web adds it. */
const jobOf = (n: number) => ({
  name: 'ingestion-job',
  data: {
    payload: {
      data: { type: 'trace-create', eventBodyId: `t${n}`, fileKey: `e${n}` },
      authCheck: { validKey: true, scope: { projectId: 'p', accessLevel: 'all' } },
    },
  },
  opts: { attempts: 5, removeOnComplete: true, removeOnFail: 100_000 },
});

/** A worker that does the queue's jobs until it is disposed of. @param work throws for a job that fails */
export function workOff(url: string, work: (job: Job) => void): AsyncDisposable {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  const worker = new Worker(INGESTION_QUEUE, async (job) => work(job), { connection: redis });
  return {
    async [Symbol.asyncDispose]() {
      await worker.close();
      redis.disconnect();
    },
  };
}

async function usingQueue(url: string, work: (queue: Queue, redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(INGESTION_QUEUE, { connection: redis });
  await queue.waitUntilReady();
  try {
    await work(queue, redis);
  } finally {
    await queue.close();
    redis.disconnect();
  }
}
