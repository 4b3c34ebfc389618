import type { Clock } from '../base/clock.ts';
import { ChaosError } from '../base/errors.ts';
import { bindFault } from '../faults/catalogue.ts';
import { type FaultJournal, FaultLife } from '../faults/lifecycle.ts';
import type { FaultRecord } from '../history/run-record.ts';
import type { FaultStep, OddTrafficSpec, RecoverStep, TimelineStep } from '../scenario/scenario.ts';
import type { Stack } from '../stack/stack.ts';

/** What the timeline works on and whom it tells. */
export interface TimelineOptions {
  readonly stack: Stack;
  readonly journal: FaultJournal;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after each transition of a fault, with the same record each time. */
  readonly onFault: (record: FaultRecord) => void;
  /** Makes one probe. */
  readonly probe: (label: string) => Promise<void>;
  /** Sends odd traffic. */
  readonly send: (spec: OddTrafficSpec) => Promise<void>;
  /** Carries out a recovery step in the middle of the traffic. */
  readonly recover: (step: RecoverStep['recover']) => Promise<void>;
}

/**
 * Carries out a timeline, its seconds counted from the call. However it ends, with an error or an abort too, every
 * fault that was injected has been recovered.
 */
export async function runTimeline(steps: readonly TimelineStep[], options: TimelineOptions): Promise<void> {
  const start = options.clock.now();
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const results = await Promise.allSettled(
    steps.map(async (step) => {
      try {
        await sleepUntil(start + step.at * 1000, options.clock, signal);
        if ('probe' in step) await options.probe(step.probe);
        else if ('send' in step) await options.send(step.send);
        else if ('recover' in step) await options.recover(step.recover);
        else await liveThrough(step, options, signal);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  options.signal.throwIfAborted();
  const first = results.find((result) => result.status === 'rejected');
  if (first) throw failed.signal.reason;
}

async function liveThrough(step: FaultStep, options: TimelineOptions, signal: AbortSignal): Promise<void> {
  const { clock, stack, journal, onFault } = options;
  const fault = bindFault(step.fault);
  const life = new FaultLife(fault, stack, clock, journal);
  const feeling = new AbortController();
  try {
    await life.inject();
    onFault(life.record);
    const felt = life.waitUntilFelt(AbortSignal.any([feeling.signal, signal])).then(() => {
      onFault(life.record);
    });
    const ending = AbortSignal.any([feeling.signal, signal]);
    const meanwhile = life.meanwhile(ending);
    // Reported where it is waited for; until then it must not count as unhandled.
    meanwhile.catch(() => {});
    try {
      await sleepUntil(life.record.injectedAt + step.for * 1000, clock, signal);
    } finally {
      feeling.abort();
      await meanwhile;
    }
    await felt;
  } finally {
    await life.recover();
    onFault(life.record);
  }
  try {
    await life.waitUntilHealed(signal);
    onFault(life.record);
  } catch (error) {
    // A target that does not come back leaves the record without `healedAt`, which the checker judges.
    if (!(error instanceof ChaosError && error.code === 'E_TIMEOUT')) throw error;
    onFault(life.record);
  }
}

async function sleepUntil(due: number, clock: Clock, signal: AbortSignal): Promise<void> {
  await clock.sleep(Math.max(0, due - clock.now()), signal);
}
