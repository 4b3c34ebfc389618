import type { FaultSpec } from './scenario.ts';

/** When something of a timeline hits its places, in seconds since the traffic began. */
export interface TimedFaults {
  readonly at: number;
  readonly for: number;
  /** One fault, or several of which each begins when the one before is undone. */
  readonly faults: readonly FaultSpec[];
}

/** Restarted, they come back without the faults of links that they held. */
const HOLDERS = ['toxiproxy', 'dns', 'http-proxy'];

/** Faults of a link that start its process anew. */
const STARTS_PROCESS = ['dns-started-without-name'];

/**
 * What two faults touch at the same time, if anything: undoing the first would undo part of the second. They do when they hit the
 * same link or component; a fault of the `application` hits web and worker; a fault with a parameter `without` hits the link to that
 * dependency as well, one that starts its process that process; and one on what holds the faults of links hits every link.
 *
 * @returns the place in words, undefined if none is touched twice
 */
export function overlap(steps: readonly TimedFaults[]): string | undefined {
  const inOrder = steps.toSorted((a, b) => a.at - b.at);
  for (const [index, first] of inOrder.entries()) {
    for (const second of inOrder.slice(index + 1)) {
      if (second.at >= first.at + first.for) continue;
      const place = shared(first.faults.flatMap(touchedBy), second.faults.flatMap(touchedBy));
      if (place) return place;
    }
  }
  return undefined;
}

function touchedBy({ name, on: written, without }: FaultSpec): string[] {
  const on = written.replace('->', '→');
  if (STARTS_PROCESS.includes(name)) return [on, ...on.split('→', 1)];
  if (on === 'application') return ['web', 'worker'];
  return typeof without === 'string' ? [on, `${on}→${without}`] : [on];
}

function shared(first: readonly string[], second: readonly string[]): string | undefined {
  const same = first.find((place) => second.includes(place));
  if (same) return same;
  return held(first, second) ?? held(second, first);
}

function held(holders: readonly string[], others: readonly string[]): string | undefined {
  const holder = holders.find((place) => HOLDERS.includes(place));
  const link = others.find((place) => place.includes('→'));
  return holder && link && `${holder}, which holds the faults of links, and ${link}`;
}
