import type { EntityKey, EntityKind } from '../langfuse/events.ts';
import type { Checkpoint, SentEvent, StoredRow } from './input.ts';

/** A checkpoint without its rows, which come entity by entity. */
export type CheckpointHead = Omit<Checkpoint, 'rows'>;

/** All that is known of one entity. */
export interface Entity {
  readonly kind: EntityKind;
  readonly id: string;
  /** None for an entity that nobody sent. */
  readonly sends: readonly SentEvent[];
  /** By checkpoint: no row, one, or several. */
  readonly rows: readonly (StoredRow | readonly StoredRow[] | undefined)[];
}

/** The key under which everything but rows names an entity. */
export function keyOf({ kind, id }: Entity): EntityKey {
  return `${kind}/${id}`;
}

/** An entity's rows at one checkpoint as a list. */
export function rowsAt({ rows }: Entity, checkpoint: number): readonly StoredRow[] {
  const found = rows[checkpoint];
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

/** Whether there are several rows. */
export function isList(rows: StoredRow | readonly StoredRow[]): rows is readonly StoredRow[] {
  return Array.isArray(rows);
}
