import type { TimelineStep } from './scenario.ts';

/** The labels of all probes that a timeline makes, in its order. */
export function probeLabels(timeline: readonly TimelineStep[]): string[] {
  return timeline.flatMap((step) => {
    if ('inTurn' in step) return step.inTurn.map(({ probe }) => probe);
    return 'probe' in step ? [step.probe] : [];
  });
}
