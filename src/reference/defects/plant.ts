import { createHash } from 'node:crypto';
import type { Defect } from '../defects.ts';
import type { EntityType } from '../events.ts';
import type { Logger } from '../log.ts';

/** An entity as the log of planted defects names it. */
export type EntityKey = `${EntityType}/${string}`;

/** Which of an entity's events a defect has hit; all of them unless told. */
export interface Extent {
  /** Ids of the events. */
  readonly events?: readonly string[];
  /** Id of the first event of an object in S3: all events of that object. */
  readonly object?: string;
  /** At least one of them, nobody knows which. */
  readonly partly?: true;
}

/** The milliseconds after which what a defect puts off is done: later than any run lasts. */
export const MUCH_LATER = 600_000;

/**
 * The defect that is switched on. It writes a line in the log for each entity that it hits, so that what a checker finds can be
 * held against what was really done; nothing else of the pipeline tells.
 */
export class Plant {
  readonly defect: Defect;
  readonly #log: Logger;
  readonly #hit = new Set<EntityKey>();

  constructor(defect: Defect, log: Logger) {
    this.defect = defect;
    this.#log = log;
  }

  /** Says that an entity was hit. */
  hit(entity: EntityKey, extent: Extent = {}): void {
    this.#hit.add(entity);
    this.#log.warn({ planted: { entity, ...extent } }, `Planted: ${this.defect}`);
  }

  /** Says that all earlier hits of an entity were made good, for example by a later row. */
  madeGood(entity: EntityKey): void {
    if (this.#hit.delete(entity)) this.#log.warn({ madeGood: { entity } }, `Made good: ${this.defect}`);
  }

  /** Whether an entity is hit as far as is known. */
  wasHit(entity: EntityKey): boolean {
    return this.#hit.has(entity);
  }
}

/** The defect that the environment asks for; undefined for a pipeline without one. */
export function plantOf(env: { readonly REFERENCE_DEFECT?: Defect | undefined }, log: Logger) {
  return env.REFERENCE_DEFECT === undefined ? undefined : new Plant(env.REFERENCE_DEFECT, log);
}

/**
 * Whether a defect may hit an entity. Ids without a dash are spared, so that a tester who sends such events can see that
 * the rest of the pipeline works.
 */
export function mayHit(id: string): boolean {
  return id.includes('-');
}

/** Whether a defect that hits one entity in `oneIn` hits this one: the same ones each time. */
export function picks(id: string, oneIn: number): boolean {
  return mayHit(id) && createHash('sha256').update(id).digest().readUInt32BE(0) % oneIn === 0;
}
