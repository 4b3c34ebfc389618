import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { QueueDepths } from '../history/run-record.ts';
import { DEFAULT_SETTLE_TIMEOUT } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** What is looked at, and done, to see whether the target is still working on something. */
export interface RestSources {
  depths(): Promise<QueueDepths>;
  /** A text that changes whenever a row is written to ClickHouse. */
  rowsFingerprint(): Promise<string>;
  /** Sends events of the harness's own, one for each table, and resolves when all of them are seen in ClickHouse. */
  follow(timeoutMs: number): Promise<void>;
}

/** How rest is proven. */
export interface SettleOptions {
  /** Milliseconds without any job and without any new row that count as quiet: a little more than the writer's interval. */
  readonly quietMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Whether rest was proven, and if not, what was last seen moving. */
export type Settled = { readonly settled: true } | { readonly settled: false; readonly why: string };

const LOOK_EVERY_MS = 250;

/**
 * Waits for the target to come to rest by itself, and proves it.
 *
 * An empty queue proves nothing: a completed job's row may still wait in the worker's memory, which nothing shows, and
 * an insert may take up to 30 s (ClickhouseWriter at v3.36.0). But the writer flushes a table's rows in their order,
 * and its flushes don't overlap. So when the queue is quiet, events of our own follow: once those of a second
 * round, sent after the first had landed, are seen too, every row before them was inserted or dropped.
 * A look that fails counts as movement.
 */
export async function settle(sources: RestSources, options: SettleOptions): Promise<Settled> {
  const deadline = options.clock.now() + options.timeoutMs;
  const before = await quiet(sources, options, deadline);
  if (!before.settled) return before;
  for (let round = 1; round <= 2; round += 1) {
    try {
      await sources.follow(deadline - options.clock.now());
    } catch (error) {
      options.signal?.throwIfAborted();
      return {
        settled: false,
        why: `events sent to follow it did not land: ${messageOf(error).split('\n')[0]}`,
      };
    }
  }
  return quiet(sources, options, deadline);
}

/** Waits until there was no job and no new row for the whole of the quiet time. */
async function quiet(sources: RestSources, options: SettleOptions, deadline: number): Promise<Settled> {
  const { clock } = options;
  let quietSince = clock.now();
  let fingerprint: string | undefined;
  let moving = 'nothing was looked at yet';
  for (;;) {
    options.signal?.throwIfAborted();
    const seen = await look(sources);
    const now = clock.now();
    if (seen.moving !== undefined || seen.fingerprint !== fingerprint) {
      moving = seen.moving ?? 'rows were still being written';
      quietSince = now;
    }
    fingerprint = seen.fingerprint;
    if (now - quietSince >= options.quietMs) return { settled: true };
    if (now >= deadline) return { settled: false, why: moving };
    await clock.sleep(LOOK_EVERY_MS, options.signal);
  }
}

async function look(sources: RestSources): Promise<{ fingerprint?: string; moving?: string }> {
  try {
    const [depths, fingerprint] = await Promise.all([sources.depths(), sources.rowsFingerprint()]);
    const { waiting, active, delayed } = depths;
    const busy = waiting + active + delayed > 0;
    return busy
      ? { fingerprint, moving: `${waiting} jobs waiting, ${active} active, ${delayed} delayed` }
      : { fingerprint };
  } catch (error) {
    return { moving: `the target could not be looked at: ${messageOf(error)}` };
  }
}

/** Milliseconds in which the target must come to rest. */
export function settleTimeoutMs({ settleTimeout = DEFAULT_SETTLE_TIMEOUT }: Scenario): number {
  return settleTimeout * 1000;
}
