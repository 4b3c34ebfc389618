import { entityKindOf, type IngestionEvent } from './events.ts';

/**
 * The mark that an event leaves in what is stored, so that each of several events of one entity can be told
 * apart afterwards. Traces and observations carry it as a metadata key of its own (Langfuse merges metadata
 * deeply, so the marks of all events of an entity survive); a score has no metadata and carries it at the end
 * of its comment, where only the newest event's mark survives.
 */
const KEY_PREFIX = 'chaos_';
const COMMENT_MARK = `[${KEY_PREFIX}`;

/** The event with the mark of the run's `n`-th event, or the event itself where it has no place for one. */
export function withMark(event: IngestionEvent, n: number): IngestionEvent {
  const kind = entityKindOf(event.type);
  const mark = n.toString(36);
  if (kind === 'score') {
    const comment = typeof event.body.comment === 'string' ? `${event.body.comment} ` : '';
    return { ...event, body: { ...event.body, comment: `${comment}[${KEY_PREFIX}${mark}]` } };
  }
  const metadata = event.body.metadata;
  const open =
    metadata === undefined || (typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata));
  if (!kind || !open) return event;
  return { ...event, body: { ...event.body, metadata: { ...metadata, [`${KEY_PREFIX}${mark}`]: event.id } } };
}

/** The number of the event whose mark this is, of a sent event's body or of a stored row; undefined if none. */
export function markOfComment(comment: unknown): number | undefined {
  if (typeof comment !== 'string' || !comment.endsWith(']')) return undefined;
  const start = comment.lastIndexOf(COMMENT_MARK);
  return start === -1 ? undefined : fromBase36(comment, start + COMMENT_MARK.length, comment.length - 1);
}

/** The numbers of all marks among the keys of a metadata object, sent or stored; empty where there are none. */
export function marksOfMetadata(metadata: unknown): number[] {
  if (typeof metadata !== 'object' || metadata === null) return [];
  const marks: number[] = [];
  for (const key of Object.keys(metadata)) {
    if (key.startsWith(KEY_PREFIX)) marks.push(Number.parseInt(key.slice(KEY_PREFIX.length), 36));
  }
  return marks;
}

/**
 * The metadata key under which an event carries its own mark, for looking it up in a stored row; undefined for
 * a score and for an event that has none. Its value is the event's id, so a mark of some earlier recording is not taken for its own.
 */
export function markKeyOf({ id, body }: IngestionEvent): string | undefined {
  const metadata = body.metadata;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  for (const key in metadata) {
    if ((metadata as Record<string, unknown>)[key] === id && key.startsWith(KEY_PREFIX)) return key;
  }
  return undefined;
}

/** The number of the event whose metadata key this is. */
export function markOfKey(key: string): number {
  return fromBase36(key, KEY_PREFIX.length, key.length) ?? Number.parseInt(key.slice(KEY_PREFIX.length), 36);
}

/** A number in a text, read without cutting it out: a run has one per event. Undefined where anything but digits is there, or nothing. */
function fromBase36(text: string, from: number, to: number): number | undefined {
  if (from >= to) return undefined;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    const isDigit = code >= 48 && code <= 57;
    if (!isDigit && (code < 97 || code > 122)) return undefined;
    number = number * 36 + code - (isDigit ? 48 : 87);
  }
  return number;
}
