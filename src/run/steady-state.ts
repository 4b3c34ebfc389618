import { messageOf } from '../base/errors.ts';
import { waitUntil } from '../base/wait-until.ts';
import type { OwnRequests } from './own-events.ts';
import type { OpenRun } from './phases.ts';
import { send } from './send.ts';
import { settleTimeoutMs } from './settle.ts';

/** Milliseconds in which an event must land on a target that works and has nothing else to do. */
const STEADY_TIMEOUT_MS = 30_000;
/** What a target may need on top that starts threads at its first generation: a count is given up after 30 s, and a machine may be busy. */
const WARM_UP_MS = 60_000;

/** Milliseconds after which events that are to be seen afterwards are sent anew. */
const SENT_ANEW_AFTER_MS = 20_000;

/** Sees whether the target works. One that doesn't makes the run unknown. */
export async function checkSteadyState(run: OpenRun, when: 'before' | 'after'): Promise<void> {
  const isCold = when === 'before' && run.facts.profile.countsInThreads;
  const first = STEADY_TIMEOUT_MS + (isCold ? WARM_UP_MS : 0);
  // Afterwards the events queue behind all that the outage has held up.
  const timeoutMs = when === 'before' ? first : settleTimeoutMs(run.scenario);
  try {
    // Otherwise the start of the threads would pass for what the target needs under the traffic.
    const observation = isCold ? 'generation' : 'span';
    const purpose = `steady state ${when}`;
    if (when === 'before') await sendAndSee(run, run.own.make(purpose, observation), timeoutMs);
    else await sendUntilSeen(run, purpose, timeoutMs);
  } catch (error) {
    run.signal.throwIfAborted();
    run.log.doubt(
      'not-steady',
      `The target was not in its steady state ${when} the faults: ${messageOf(error).split('\n')[0]}`,
    );
  }
}

/** Sends requests of our own and waits until all of their events are seen in ClickHouse. */
async function sendAndSee(
  run: OpenRun,
  { requests, marks, purpose }: OwnRequests,
  timeoutMs: number,
): Promise<void> {
  await send(run, requests);
  await waitUntil(
    `the events of "${purpose}" to be seen in ClickHouse`,
    () => marks.every((mark) => run.observer.hasSeen(mark)),
    { timeoutMs, clock: run.clock, signal: run.signal },
  );
}

/**
 * The same after the faults, when they are sent anew as long as none is seen: those that are in one INSERT with a row of the traffic that
 * can't be written are dropped with it, and the next are not.
 */
export async function sendUntilSeen(run: OpenRun, purpose: string, timeoutMs: number): Promise<void> {
  const deadline = run.clock.now() + timeoutMs;
  for (;;) {
    const left = deadline - run.clock.now();
    try {
      return await sendAndSee(run, run.own.make(purpose), Math.min(left, SENT_ANEW_AFTER_MS));
    } catch (error) {
      run.signal.throwIfAborted();
      if (run.clock.now() >= deadline) throw error;
    }
  }
}
