import type { TimelineStep } from './scenario.ts';

/** Seconds in which nothing happens that a timeline may have; beyond it a point or a zero is in the wrong place. */
const LONGEST_IDLE = 60;

/**
 * Says of a timeline's first step that begins long after the traffic and all steps before it are over what is wrong with it, as
 * the end of a sentence; undefined when there is none.
 *
 * @param trafficSeconds how long the traffic lasts
 */
export function idleBefore(timeline: readonly TimelineStep[], trafficSeconds: number): string | undefined {
  let busyUntil = trafficSeconds;
  const inOrder = timeline.map((step, index) => ({ step, index })).toSorted((a, b) => a.step.at - b.step.at);
  for (const { step, index } of inOrder) {
    if (step.at - busyUntil > LONGEST_IDLE) {
      const idle = Math.round(step.at - busyUntil);
      return `timeline[${index}] begins at ${step.at} s, ${idle} s after the traffic and everything before it is over`;
    }
    busyUntil = Math.max(busyUntil, endOf(step));
  }
  return undefined;
}

/** How long several faults in turn last, nobody knows before. */
function endOf(step: TimelineStep): number {
  if ('inTurn' in step) return Number.POSITIVE_INFINITY;
  return 'for' in step ? step.at + step.for : step.at;
}
