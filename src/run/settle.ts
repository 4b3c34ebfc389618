import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { QueueDepths } from '../history/run-record.ts';

/** What is looked at to see whether the target is still working on something. */
export interface RestSources {
  depths(): Promise<QueueDepths>;
  /** A text that changes whenever a row is written to ClickHouse. */
  rowsFingerprint(): Promise<string>;
}

/** How rest is proven. */
export interface SettleOptions {
  /**
   * Milliseconds without any job and without any new row that count as rest. It must outlast the writer's buffer, which
   * no queue shows: a row is inserted or dropped within three write intervals (ClickhouseWriter at v3.36.0).
   */
  readonly quietMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Whether rest was proven, and if not, what was last seen moving. */
export type Settled = { readonly settled: true } | { readonly settled: false; readonly why: string };

const LOOK_EVERY_MS = 250;

/**
 * Waits for the target to come to rest by itself: no job waiting, active or delayed, and no new row, for the
 * whole of the quiet time. A look that fails counts as movement.
 */
export async function settle(sources: RestSources, options: SettleOptions): Promise<Settled> {
  const { clock } = options;
  const deadline = clock.now() + options.timeoutMs;
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
