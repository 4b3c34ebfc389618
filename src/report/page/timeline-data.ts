import type { Sample } from '../../history/run-record.ts';
import { zeroOf } from '../describe.ts';
import type { JudgedRun } from '../judged-run.ts';

/** Where the time axis begins and ends, and its zero; milliseconds since the epoch. */
export interface TimeAxis {
  readonly zero: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The axis that chart and lanes share. Its zero is the start of the traffic, as in a scenario's timeline. The
 * start of the stack is left out: nothing is measured before the first sample.
 */
export function timeAxis({ run, verdict }: JudgedRun): TimeAxis {
  const zero = zeroOf(run);
  const first = run.samples[0]?.at ?? zero;
  const moments = [
    zero,
    ...run.samples.map((sample) => sample.at),
    ...run.faults.flatMap((fault) => [
      fault.injectedAt,
      fault.recoveredAt ?? fault.injectedAt,
      fault.healedAt ?? 0,
    ]),
    ...run.recovery.flatMap((step) => [step.startedAt, step.endedAt]),
    ...run.phases.flatMap((phase) => (phase.endedAt === undefined ? [] : [phase.endedAt])),
    ...verdict.checkpoints.map((checkpoint) => checkpoint.at),
  ].filter((moment) => moment >= Math.min(first, zero));
  const from = moments.reduce((a, b) => Math.min(a, b), zero);
  const to = moments.reduce((a, b) => Math.max(a, b), from);
  return { zero, from, to: to > from ? to : from + 1000 };
}

/** What a chart shows at one moment: events a second, and jobs of the ingestion queue. */
export interface TimelinePoint {
  readonly at: number;
  /** Events a second since the point before; absent for the first. */
  readonly rates?: { readonly sent: number; readonly acknowledged: number; readonly landed: number };
  /** The deepest each state was since the point before; absent when Redis could not be asked. */
  readonly queue?: NonNullable<Sample['queue']>;
}

/**
 * At most `limit` points of a run's samples. Of a longer run, neighbours are put together such that nothing
 * worth seeing is lost: rates are means, so their area stays, and queue depths are peaks.
 */
export function timelinePoints(samples: readonly Sample[], limit: number): TimelinePoint[] {
  // One that took long to be read can come after one that began later.
  const inOrder = samples.toSorted((a, b) => a.at - b.at);
  const step = Math.max(1, Math.ceil(samples.length / limit));
  const points: TimelinePoint[] = [];
  let before: Sample | undefined;
  for (let start = 0; start < samples.length; start += step) {
    const group = inOrder.slice(start, start + step);
    const last = group.at(-1) as Sample;
    const first = before ?? (group.length > 1 ? group[0] : undefined);
    const queue = peak(group);
    points.push({
      at: last.at,
      ...(first ? { rates: rates(first, last) } : {}),
      ...(queue ? { queue } : {}),
    });
    before = last;
  }
  return points;
}

function rates(from: Sample, to: Sample): NonNullable<TimelinePoint['rates']> {
  const seconds = (to.at - from.at) / 1000;
  const perSecond = (count: number) => (seconds > 0 ? Math.max(0, count) / seconds : 0);
  return {
    sent: perSecond(to.sent - from.sent),
    acknowledged: perSecond(to.acknowledged - from.acknowledged),
    landed: perSecond(to.landed - from.landed),
  };
}

function peak(group: readonly Sample[]): Sample['queue'] {
  let peak: Sample['queue'];
  for (const { queue } of group) {
    if (!queue) continue;
    peak = {
      waiting: Math.max(queue.waiting, peak?.waiting ?? 0),
      active: Math.max(queue.active, peak?.active ?? 0),
      delayed: Math.max(queue.delayed, peak?.delayed ?? 0),
      failed: Math.max(queue.failed, peak?.failed ?? 0),
    };
  }
  return peak;
}
