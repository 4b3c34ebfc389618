import { createHash } from 'node:crypto';
import type { EntityKey, EntityKind } from './events.ts';

/** Bytes that one part of a key may have (`LANGFUSE_S3_EVENT_KEY_MAX_SEGMENT_BYTES`, its default and most from v3.189.0 on). */
const MOST_BYTES = 2048;

/** What would change the path of a key, or S3 refuses in it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about.
const FORBIDDEN = /[\u0000-\u001f/\\]/g;

const HASH_DIGITS = 16;

/**
 * The folder of an entity's objects as it is called from v3.189.0 on; earlier it is the id itself. An id that is too long or has a `/`, a `\` or a
 * control character in it gets `_` for each of these, is cut, and ends in `_` and a hash of the whole id
 * (`packages/shared/src/server/services/safeBlobKeySegment.ts` at v4.16.0).
 */
export function folderName(id: string): string {
  const clean = id.replace(FORBIDDEN, '_');
  if (clean === id && Buffer.byteLength(id) <= MOST_BYTES) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, HASH_DIGITS);
  return `${cut(clean, MOST_BYTES - HASH_DIGITS - 1)}_${hash}`;
}

/** The first bytes of a text, without a part of a character at the end. */
function cut(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  let end = bytes;
  // A byte 10xxxxxx goes on with the character before it.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return all.subarray(0, end).toString();
}

/** Kind and folder of an entity's objects, as it may be: by the id as it is, and by its sanitised form. */
export function foldersOf(entity: EntityKey): EntityKey[] {
  const slash = entity.indexOf('/');
  const [kind, id] = [entity.slice(0, slash) as EntityKind, entity.slice(slash + 1)];
  return [...new Set<EntityKey>([entity, `${kind}/${folderName(id)}`])];
}

/** Where a project's objects of spans are, below the prefix of all raw events (`getCurrentTimePath` in `OtelIngestionProcessor.ts`, from v3.108.0 on). */
export function spansFolder(projectId: string): string {
  return `otel/${projectId}/`;
}
