import type { Job } from 'bullmq';
import type { Logger } from '../log.ts';
import type { IngestionJob } from '../queues.ts';
import { pause } from '../safe-patience.ts';
import type { LossWatch } from './safe-loss.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 500;
/** Milliseconds between two sweeps without a reason, at scale 1, and at least. */
const SWEEP_EVERY = 60_000;
const SWEEP_AT_MOST_EVERY = 15_000;
/** Milliseconds that a failed job rests, at scale 1: at first, and at most. */
const FIRST_REST = 10_000;
const LONGEST_REST = 60_000;
/** Failed jobs that are looked at in one go. */
const FAILED_SLICE = 1000;

/** What the upkeep works with. */
export interface UpkeepParts {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly scale: number;
  readonly watch: Pick<LossWatch, 'lookAtRedis' | 'lookAtClickHouse'>;
  /** Makes the tables that are missing in ClickHouse. */
  readonly makeTables: () => Promise<void>;
  /** Called when ClickHouse has lost rows. */
  readonly forget: () => void;
  readonly sweep: () => Promise<number>;
  readonly failedJobs: { getFailed(start: number, end: number): Promise<Job<IngestionJob>[]> };
  readonly signal: AbortSignal;
}

/**
 * Looks after what nobody else would: what was lost in Redis or ClickHouse is found again in S3, at once when there is a
 * sign of a loss and every minute without; and failed jobs are run again, at growing distances.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  #sweepIsDue = false;
  #nextSweep = 0;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Goes on until the signal aborts. Each look is by itself: one that waits for something holds up no other. */
  async run(): Promise<void> {
    const { watch, failedJobs, scale } = this.#parts;
    await Promise.all([
      this.#repeat('look at Redis', async () => this.#sign(await watch.lookAtRedis())),
      this.#repeat('look at ClickHouse', () => this.#lookAtClickHouse()),
      this.#repeat('retry failed jobs', () => retryFailed(failedJobs, Date.now(), scale)),
      this.#repeat('sweep', () => this.#sweepIfDue(Date.now())),
    ]);
  }

  /** What fails is tried again at the next time. */
  async #repeat(what: string, action: () => Promise<void>): Promise<void> {
    const { log, signal } = this.#parts;
    while (!signal.aborted) {
      await action().catch((error) => log.warn({ err: error }, `Upkeep could not ${what}`));
      await pause(LOOK_EVERY, signal);
    }
  }

  async #lookAtClickHouse(): Promise<void> {
    const { watch, makeTables, forget, log } = this.#parts;
    // Where a table is gone there is nothing to count.
    const sign = await watch.lookAtClickHouse().catch(async (error) => {
      log.warn({ err: error }, 'Rows in ClickHouse can not be counted: tables that are missing are made');
      await makeTables();
      return watch.lookAtClickHouse();
    });
    if (sign) forget();
    this.#sign(sign);
  }

  #sign(text: string | undefined): void {
    if (text === undefined) return;
    this.#parts.log.warn(`${text}: S3 is searched for what may be lost`);
    this.#sweepIsDue = true;
  }

  async #sweepIfDue(now: number): Promise<void> {
    if (!this.#sweepIsDue && now < this.#nextSweep) return;
    // A sign that comes during the sweep asks for another one.
    this.#sweepIsDue = false;
    try {
      const added = await this.#parts.sweep();
      if (added > 0) this.#parts.log.info(`The sweep asked for ${added} entities`);
    } catch (error) {
      this.#sweepIsDue = true;
      throw error;
    }
    this.#nextSweep = now + Math.max(SWEEP_AT_MOST_EVERY, SWEEP_EVERY * this.#parts.scale);
  }
}

/** Runs failed jobs again that have rested: a cause that has gone shows by itself, one that stays costs little. */
export async function retryFailed(
  queue: UpkeepParts['failedJobs'],
  now: number,
  scale: number,
): Promise<void> {
  for (const job of await queue.getFailed(0, FAILED_SLICE - 1)) {
    const rounds = Math.max(0, job.attemptsMade - (job.opts.attempts ?? 1));
    const rest = Math.min(FIRST_REST * 2 ** rounds, LONGEST_REST) * scale;
    if (now - (job.finishedOn ?? 0) >= rest) await job.retry('failed');
  }
}
