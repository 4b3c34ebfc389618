import type { Hooks } from './schema.ts';

/** Faults of a link that an owner may list: those that Toxiproxy brings about. */
const OF_LINKS = [
  'refused',
  'dead-upstream',
  'black-hole',
  'reset',
  'latency',
  'bandwidth',
  'sliced',
  'cut-after',
  'answer-lost',
  'slow-close',
] as const;

/**
 * Faults of a process that an owner may list, with the commands without which they can be neither injected nor undone; of others nothing
 * would show that they were felt.
 */
export const HOOKS_OF: Readonly<Record<string, readonly (keyof Hooks)[]>> = {
  killed: ['kill', 'start'],
  terminated: ['stop', 'start'],
  restarted: ['stop', 'start'],
  paused: ['pause', 'resume'],
};

/** Names of the faults that may be allowed on a link or on a component. */
export function allowableFaults(on: string): readonly string[] {
  return on.includes('→') ? OF_LINKS : Object.keys(HOOKS_OF);
}
