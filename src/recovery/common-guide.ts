import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { GuideRecord } from '../history/run-record.ts';
import type { Access } from '../langfuse/access.ts';
import { INGESTION_QUEUE } from '../langfuse/queue.ts';
import { asked, connect } from '../langfuse/redis.ts';
import { GUIDE_STEPS, type GuideStep } from '../scenario/scenario.ts';

const DEFAULT_REST_TIMEOUT_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** What a step works with. */
interface GuideContext {
  readonly queue: Queue;
  readonly redis: Redis;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds that jobs a step has set in motion may take to come to rest, before it says how they stand; 20,000 unless told. */
  readonly restTimeoutMs: number;
}

/** One step of the guide. */
interface Guidance {
  /** What the guide says, as it is typed. */
  readonly asWritten: string;
  /** What to do instead, and why. */
  readonly right: string;
  /** Does it, and says what it did. */
  carryOut(context: GuideContext): Promise<Pick<GuideRecord, 'did' | 'jobs'>>;
}

/**
 * The recovery guide that goes round for a Langfuse whose ClickHouse was away, step by step as it is written.
 * With BullMQ 5 (5.34.10 in Langfuse v3.36.0) each step fails or misleads. None touches anything but the ingestion queue.
 */
const GUIDE: Readonly<Record<GuideStep, Guidance>> = {
  'guide: see whether the queue is drained': {
    asWritten: `LLEN bull:${INGESTION_QUEUE}:wait, until it answers 0`,
    right:
      'Drained means that waiting, active, delayed and prioritized are all 0, and that a few of the writer’s intervals have passed since.',
    async carryOut({ queue, clock, signal, restTimeoutMs }) {
      const look = () => asked(queue.getJobCounts('waiting', 'active', 'delayed', 'failed'));
      const deadline = clock.now() + restTimeoutMs;
      let seen = await look();
      while ((seen.waiting ?? 0) > 0 && clock.now() < deadline) {
        await clock.sleep(LOOK_EVERY_MS, signal);
        seen = await look();
      }
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = seen;
      return {
        did: `answered ${waiting}, while ${delayed} jobs were delayed for their next attempt, ${active} active and ${failed} failed`,
      };
    },
  },
  'guide: count the failed jobs': {
    asWritten: `LLEN bull:${INGESTION_QUEUE}:failed`,
    right: `The failed set is a sorted set: ZCARD bull:${INGESTION_QUEUE}:failed, or queue.getJobCounts('failed'). There is no other dead letter queue.`,
    async carryOut({ queue, redis }) {
      const failed = await failedCount(queue);
      try {
        return { did: `answered ${await redis.llen(queue.toKey('failed'))}; the set holds ${failed}` };
      } catch (error) {
        return { did: `failed with “${messageOf(error)}”, while the set holds ${failed}` };
      }
    },
  },
  'guide: add the failed jobs again': {
    asWritten:
      'for (const job of await queue.getFailed()) await queue.add(job.name, job.data, { jobId: job.id })',
    right:
      'queue.retryJobs({ state: "failed", count, timestamp }) in slices, or job.retry(): both move the job itself. `langfuse-chaos recover` does so.',
    async carryOut(context) {
      const { queue } = context;
      const before = await asked(queue.getFailed());
      const thrown: string[] = [];
      const returned = new Set<string>();
      for (const { id = '', name, data } of before) {
        try {
          await queue.add(name, data, { jobId: id });
          returned.add(id);
        } catch (error) {
          thrown.push(messageOf(error));
        }
      }
      const all = before.length;
      const ids = before.map(({ id = '' }) => id);
      const states = await statesAtRest(ids, context);
      const still = ids.filter((_, at) => states[at] === 'failed');
      const unmoved = still.filter((id) => returned.has(id)).length;
      const parts = [
        thrown.length > 0 && `add() threw “${thrown[0]}” for ${thrown.length} of ${all} jobs`,
        unmoved > 0 && `for ${unmoved} of ${all} it returned a job and did nothing`,
        `${still.length} of ${all} are still in the failed set`,
      ].filter((part) => part !== false);
      return { did: parts.join('; '), jobs: broughtBack(states) };
    },
  },
  'guide: add them with a prefix': {
    asWritten:
      'for (const job of await queue.getFailed()) await queue.add(job.name, job.data, { jobId: "retry-" + job.id })',
    right:
      'A copy has one attempt, unless it is given Langfuse’s options, and the old job stays where it is. Retry the job itself, once ClickHouse is back.',
    async carryOut(context) {
      const { queue } = context;
      const before = await asked(queue.getFailed());
      const copies = before.map(({ id, name, data }) => ({ name, data, opts: { jobId: `retry-${id}` } }));
      await asked(queue.addBulk(copies));
      const states = await statesAtRest(
        copies.map(({ opts }) => opts.jobId),
        context,
      );
      const failed = states.filter((state) => state === 'failed').length;
      return {
        did: `added ${copies.length} copies, of which ${failed} failed at their only attempt; the failed set grew from ${before.length} to ${await failedCount(queue)}`,
        jobs: broughtBack(states),
      };
    },
  },
  'guide: retry all at once': {
    asWritten: 'await queue.retryJobs({ state: "failed" })',
    right:
      'First see that the worker reaches ClickHouse, then retry in slices: a retried job keeps its count of attempts and so has one run, without back-off.',
    async carryOut(context) {
      const { queue, clock } = context;
      const before = await asked(queue.getFailed());
      const ids = before.map(({ id }) => id ?? '');
      const from = clock.now();
      await asked(queue.retryJobs({ state: 'failed' }));
      const states = await statesAtRest(ids, context);
      const again = states.filter((state) => state === 'failed').length;
      return {
        did: `moved ${ids.length} jobs to waiting; ${((clock.now() - from) / 1000).toFixed(1)} s later ${again} of them had failed again`,
        jobs: broughtBack(states),
      };
    },
  },
};

/** Whether a recovery step of a timeline is one of the guide's. */
export function isGuideStep(step: string): step is GuideStep {
  return GUIDE_STEPS.some((known) => known === step);
}

/**
 * Carries out one step of the common guide as it is written, and says what it really did.
 *
 * @throws ChaosError `E_REDIS` when the queue can't be asked; the signal's reason when it aborts
 */
export async function followGuide(
  step: GuideStep,
  access: Access['redis'],
  options: Pick<GuideContext, 'clock' | 'signal'> & Partial<Pick<GuideContext, 'restTimeoutMs'>>,
): Promise<GuideRecord> {
  const redis = await connect(access.url);
  // skipMetasUpdate: the queue is Langfuse's; its own settings in Redis stay as they are.
  const queue = new Queue(INGESTION_QUEUE, { connection: redis, skipMetasUpdate: true });
  queue.on('error', () => {
    // The call that meets the error reports it.
  });
  try {
    const at = options.clock.now();
    const { asWritten, right, carryOut } = GUIDE[step];
    const context = { restTimeoutMs: DEFAULT_REST_TIMEOUT_MS, ...options, queue, redis };
    return { step, at, asWritten, ...(await carryOut(context)), right };
  } finally {
    await queue.close().catch(() => {});
    redis.disconnect();
  }
}

/** The jobs' states once none of them is waiting or active any more, or as they stand when that takes too long. */
async function statesAtRest(
  ids: readonly string[],
  { queue, clock, signal, restTimeoutMs }: GuideContext,
): Promise<string[]> {
  const deadline = clock.now() + restTimeoutMs;
  for (;;) {
    const states = await asked(Promise.all(ids.map((id) => queue.getJobState(id))));
    const moving = states.some((state) => state === 'waiting' || state === 'active');
    if (!moving || clock.now() >= deadline) return states;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

/** Of jobs that a step tried to bring back, those that are done; Langfuse's are removed then, and have no state that is known. */
function broughtBack(states: readonly string[]): NonNullable<GuideRecord['jobs']> {
  const done = states.filter((state) => state === 'completed' || state === 'unknown');
  return { tried: states.length, broughtBack: done.length };
}

function failedCount(queue: Queue): Promise<number> {
  return asked(queue.getFailedCount());
}
