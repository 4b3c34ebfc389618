import { randomUUID } from 'node:crypto';
import type { EntityType } from './events.ts';

/*
 * Where the safe pipeline puts raw events: in Langfuse's folders, `<prefix><project>/<kind>/<body id>/`, so that what reads
 * Langfuse's layout reads this one. Two things differ. Ids are percent-encoded, so that a `/` in one opens no
 * folder. And an object's name is random: no event, and no event id used again, writes over another object.
 */

/** Bytes of an encoded id; file systems below S3 servers take no more than 255 in one part of a path. */
export const LONGEST_ID = 250;

const KINDS: readonly string[] = ['trace', 'observation', 'score'] satisfies EntityType[];

/** An object that belongs to an entity. */
export interface EventObject {
  readonly projectId: string;
  readonly kind: EntityType;
  /** The entity's id, decoded. */
  readonly entityId: string;
  /** Name without `.json`. */
  readonly name: string;
}

/** A body id as one part of a path. @throws URIError for a text with half a surrogate pair */
export function encodeId(id: string): string {
  // Alone, these two are no names of folders.
  if (id === '.' || id === '..') return id.replaceAll('.', '%2E');
  return encodeURIComponent(id);
}

/** Folder of an entity, with a slash at the end. */
export function folderOf(prefix: string, projectId: string, kind: EntityType, entityId: string): string {
  return `${prefix}${projectId}/${kind}/${encodeId(entityId)}/`;
}

/** A name that no other object has. */
export const newName = (): string => randomUUID();

/** What a key says; undefined for one that is not of this layout. */
export function parseKey(prefix: string, key: string): EventObject | undefined {
  if (!key.startsWith(prefix) || !key.endsWith('.json')) return undefined;
  const [projectId, kind, id, file, ...more] = key.slice(prefix.length).split('/');
  if (!projectId || !kind || !id || !file || more.length > 0 || !KINDS.includes(kind)) return undefined;
  try {
    const entityId = decodeURIComponent(id);
    return { projectId, kind: kind as EntityType, entityId, name: file.slice(0, -'.json'.length) };
  } catch {
    return undefined;
  }
}
