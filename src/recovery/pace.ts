import { type Clock, systemClock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { IngestionQueue } from '../langfuse/queue.ts';
import type { Tables } from '../langfuse/tables.ts';

/** How far a recovery step has come. */
export interface RecoveryProgress {
  /** Jobs retried or added. */
  readonly done: number;
  /** Jobs or entities looked at so far, `done` included. */
  readonly seen: number;
  /** How many there are; absent when that is not known yet. */
  readonly total?: number;
}

/** What every recovery step needs to go on at a pace that the worker can follow. */
export interface PaceOptions {
  readonly queue: Pick<IngestionQueue, 'depths'>;
  readonly tables: Pick<Tables, 'answers'>;
  /** Jobs waiting, active or delayed above which no further slice is begun; 2,000 unless told. */
  readonly maxQueued?: number;
  /** Milliseconds that ClickHouse may stay away, or the queue too long, before the step stops; 60,000 unless told. */
  readonly patienceMs?: number;
  /** Only counts what would be done; changes nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: RecoveryProgress) => void;
  /** Ends the step before its next slice; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Milliseconds between two looks at ClickHouse, and at the queue. */
const LOOK_AT_CLICKHOUSE_MS = 500;
const LOOK_AT_QUEUE_MS = 50;

const DEFAULT_MAX_QUEUED = 2000;
const DEFAULT_PATIENCE_MS = 60_000;

/**
 * Waits until a further slice may begin: ClickHouse answers, and the queue is short.
 *
 * @throws ChaosError `E_TIMEOUT` when that takes longer than the patience given
 */
export async function clearance(options: PaceOptions): Promise<void> {
  await waitUntil('ClickHouse to answer', () => options.tables.answers(), {
    ...waitOptions(options),
    intervalMs: LOOK_AT_CLICKHOUSE_MS,
  });
  const most = options.maxQueued ?? DEFAULT_MAX_QUEUED;
  await waitUntil(
    `the ingestion queue to have at most ${most} jobs waiting, active or delayed`,
    async () => {
      const { waiting, active, delayed } = await options.queue.depths();
      const queued = waiting + active + delayed;
      if (queued > most) throw new Error(`${queued} jobs`);
      return true;
    },
    { ...waitOptions(options), intervalMs: LOOK_AT_QUEUE_MS },
  );
}

/** Time-out, clock and signal of a wait within a recovery step. */
export function waitOptions({ patienceMs, clock, signal }: PaceOptions) {
  return {
    timeoutMs: patienceMs ?? DEFAULT_PATIENCE_MS,
    clock: clock ?? systemClock,
    ...(signal ? { signal } : {}),
  };
}

/** Why a step stopped, in one line; throws again what is no ChaosError, for that is an abort or a defect. */
export function stopReason(error: unknown): string {
  if (!(error instanceof ChaosError)) throw error;
  return `stopped: ${error.parts.happened}`;
}

/** Counts what was left alone, by reason. */
export class Skips {
  readonly #counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  /** The most frequent first. */
  list(): { reason: string; count: number }[] {
    return [...this.#counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
  }
}
