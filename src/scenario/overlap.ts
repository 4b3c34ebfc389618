import type { FaultSpec } from './scenario.ts';

/** When something hits its places: since the traffic began, since the epoch, in any one unit. */
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

/** Faults whose recovery starts the web anew. */
const RESTARTS_WEB = ['clickhouse-wiped'];

/** A replacement as something that hits web and worker, as a fault does: one follows another, in their order. It is none. */
export const REPLACEMENT: FaultSpec = { name: 'replaced', on: 'application' };

/** What a fault touches. */
interface Reach {
  /** The links and components that it is done to, and undone at. */
  readonly at: readonly string[];
  /** Of other links: whether it looks there like a fault of theirs, or would undo one. */
  through(link: string): boolean;
}

/**
 * What two faults touch at the same time, if anything; see {@link clash}.
 *
 * @returns the place in words, undefined if none is touched twice
 */
export function overlap(steps: readonly TimedFaults[]): string | undefined {
  const inOrder = steps.toSorted((a, b) => a.at - b.at);
  for (const [index, first] of inOrder.entries()) {
    for (const second of inOrder.slice(index + 1)) {
      if (second.at >= first.at + first.for) continue;
      const place = clash(first.faults, second.faults);
      if (place) return place;
    }
  }
  return undefined;
}

/**
 * What faults touch that may not be active together: undoing the one would undo part of the other, or the other be taken for felt by
 * what the one does. They clash
 *
 * - at the same link or component. A fault of the `application` hits web and worker; one with a parameter `without` the link to that
 *   dependency as well; one that starts a process that process;
 * - on a component, and on a link that leads to it: what is done to a dependency shows on its links, and the other way round;
 * - on a process's link to `dns`, and on another of its links: the connections of all are closed, and a name is not found for both;
 * - on what holds the faults of links, and on any link.
 *
 * @returns the place in words, undefined if there is none
 */
export function clash(first: readonly FaultSpec[], second: readonly FaultSpec[]): string | undefined {
  for (const one of first.map(reachOf)) {
    for (const other of second.map(reachOf)) {
      const place =
        one.at.find((here) => other.at.includes(here)) ?? behind(one, other) ?? behind(other, one);
      if (place) return place;
    }
  }
  return undefined;
}

function reachOf({ name, on: written, without }: FaultSpec): Reach {
  const on = written.replace('->', '→');
  const [from, to] = on.split('→');
  if (to !== undefined) {
    return {
      at: STARTS_PROCESS.includes(name) ? [on, String(from)] : [on],
      through: (link) => to === 'dns' && link.startsWith(`${from}→`),
    };
  }
  const at = on === 'application' ? ['web', 'worker'] : [on];
  if (typeof without === 'string') at.push(`${on}→${without}`);
  if (RESTARTS_WEB.includes(name)) at.push('web');
  return { at, through: (link) => HOLDERS.includes(on) || link.endsWith(`→${on}`) };
}

function behind({ at: [place], through }: Reach, { at }: Reach): string | undefined {
  const link = at.find((other) => other.includes('→') && through(other));
  return link && `${place} and ${link}`;
}
