import type { IngestionEvent } from './events.ts';

/** An event and when its envelope says it happened. */
export interface TimedEvent {
  readonly event: IngestionEvent;
  /**
   * Milliseconds since the epoch, both ends included. `from` and `to` differ only where Langfuse made the
   * envelope (`POST /api/public/scores`), whose time lies somewhere between request and answer.
   */
  readonly from: number;
  readonly to: number;
  /** True where the target made the envelope. */
  readonly envelopeByTarget?: boolean;
}

/**
 * Whether Langfuse surely merges `a` before `b`: by envelope timestamp, and of two at one time the create first.
 * Two creates, or two updates, at one time are in no order that can be relied on: the comparator of `toTimeSortedEventList`
 * (`worker/src/services/IngestionService/index.ts` at v3.36.0) contradicts itself for them.
 */
export function comesBefore(a: TimedEvent, b: TimedEvent): boolean {
  if (a.to !== b.from) return a.to < b.from;
  return a.from === a.to && b.from === b.to && isCreate(a) && !isCreate(b);
}

/**
 * Every order in which Langfuse may merge the events: exactly one, unless some of them happened at one time. The
 * first one given is sorted by time, and what happened at one time stays as it came.
 */
export function* mergeOrders<T extends TimedEvent>(events: readonly T[]): Generator<readonly T[]> {
  const sorted = sortByTime(events);
  if (isStrict(sorted)) yield sorted;
  else yield* extend([], sorted);
}

/** Sorted by time, creates first, stable. */
export function sortByTime<T extends TimedEvent>(events: readonly T[]): readonly T[] {
  if (isStrict(events)) return events;
  return events.toSorted((a, b) => a.from - b.from || Number(isCreate(b)) - Number(isCreate(a)));
}

function isStrict(sorted: readonly TimedEvent[]): boolean {
  for (let at = 1; at < sorted.length; at += 1) {
    if (!comesBefore(sorted[at - 1] as TimedEvent, sorted[at] as TimedEvent)) return false;
  }
  return true;
}

/** All orders that begin with `begun` and break no "comes before". */
function* extend<T extends TimedEvent>(begun: readonly T[], rest: readonly T[]): Generator<readonly T[]> {
  if (rest.length === 0) yield begun;
  for (const next of rest) {
    if (rest.some((other) => other !== next && comesBefore(other, next))) continue;
    yield* extend(
      [...begun, next],
      rest.filter((other) => other !== next),
    );
  }
}

function isCreate({ event }: TimedEvent): boolean {
  return event.type.includes('create');
}
