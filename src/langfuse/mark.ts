import { type EntityKind, entityKindOf, type IngestionEvent } from './events.ts';
import type { ExportedSpan } from './otlp.ts';

/**
 * The mark that an event leaves in what is stored, so that each of several events of one entity can be told
 * apart afterwards. Traces and observations carry it as a metadata key of its own (Langfuse merges metadata
 * deeply, so the marks of all events of an entity survive); a score has no metadata and carries it at the end
 * of its comment, where only the newest event's mark survives.
 *
 * A span carries it as an attribute of its metadata, and a root span, of which Langfuse may make a trace as well, a second one for that.
 * v3.36.0 leaves attributes as they are, all in the metadata key `attributes`; later versions make metadata keys of them.
 */
export const KEY_PREFIX = 'chaos_';
const COMMENT_MARK = `[${KEY_PREFIX}`;
/** The metadata key of a span's trace. A trace's row may hold the span's own mark too. */
export const TRACE_KEY_PREFIX = 'chaostrace_';
const SPAN_ATTRIBUTE = 'langfuse.observation.metadata.';
const TRACE_ATTRIBUTE = 'langfuse.trace.metadata.';

/** Finds the marks among the attributes of a span that v3.36.0 stores as one JSON text; one group, the attribute's name. */
export const MARKED_ATTRIBUTE =
  '"(langfuse[.](?:observation[.]metadata[.]chaos|trace[.]metadata[.]chaostrace)_[0-9a-z]+)":';

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

/**
 * The span with the mark of the run's `n`-th event.
 *
 * @param trace number of the mark of the trace that is made of it, for a root span
 */
export function withSpanMarks<Span extends ExportedSpan>(span: Span, n: number, trace?: number): Span {
  const marked = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const attributes = [
    ...(span.attributes ?? []),
    marked(`${SPAN_ATTRIBUTE}${KEY_PREFIX}${n.toString(36)}`, span.spanId),
    ...(trace === undefined
      ? []
      : [marked(`${TRACE_ATTRIBUTE}${TRACE_KEY_PREFIX}${trace.toString(36)}`, span.traceId)]),
  ];
  return { ...span, attributes };
}

/**
 * The numbers of all marks in a metadata object, sent or stored; empty where there are none.
 *
 * @param kind of the entity whose metadata it is
 */
export function marksOfMetadata(metadata: unknown, kind: EntityKind = 'observation'): number[] {
  if (typeof metadata !== 'object' || metadata === null) return [];
  return marksOfKeys([...Object.keys(metadata), ...attributesOf(metadata)], kind);
}

/** The numbers of all marks among names of metadata keys and, where these are stored as they are, of attributes. */
export function marksOfKeys(keys: readonly string[], kind: EntityKind): number[] {
  const marks: number[] = [];
  const ofTrace: number[] = [];
  for (const key of keys) {
    if (key.startsWith(KEY_PREFIX)) marks.push(markOfKey(key));
    else if (key.startsWith(TRACE_KEY_PREFIX) || key.startsWith(TRACE_ATTRIBUTE))
      ofTrace.push(markOfKey(key));
    // What a trace's row holds of a span's attributes tells nothing of the span's own row.
    else if (key.startsWith(SPAN_ATTRIBUTE) && kind !== 'trace') marks.push(markOfKey(key));
  }
  if (kind !== 'trace') return marks.filter(Number.isInteger);
  return (ofTrace.length > 0 ? ofTrace : marks).filter(Number.isInteger);
}

/** Names of those attributes of a span that may be marks, where v3.36.0 keeps them. */
function attributesOf(metadata: object): string[] {
  const { attributes } = metadata as { readonly attributes?: unknown };
  if (typeof attributes === 'string') {
    return [...attributes.matchAll(new RegExp(MARKED_ATTRIBUTE, 'g'))].map(([, name]) => name as string);
  }
  if (typeof attributes !== 'object' || attributes === null) return [];
  return Object.keys(attributes).filter(
    (name) =>
      name.startsWith(`${SPAN_ATTRIBUTE}${KEY_PREFIX}`) ||
      name.startsWith(`${TRACE_ATTRIBUTE}${TRACE_KEY_PREFIX}`),
  );
}

/**
 * The metadata key under which an event carries its own mark, or the attribute, for looking it up in a stored row with {@link holdsMark};
 * undefined for a score and for an event that has none. Its value is the event's id, so a mark of some earlier recording is not taken
 * for its own.
 */
export function markKeyOf({ id, type, body }: IngestionEvent): string | undefined {
  const metadata = body.metadata;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  for (const key in metadata) {
    if ((metadata as Record<string, unknown>)[key] !== id) continue;
    if (key.startsWith(KEY_PREFIX) || key.startsWith(TRACE_KEY_PREFIX)) return key;
  }
  const { attributes } = metadata as { readonly attributes?: unknown };
  if (typeof attributes !== 'object' || attributes === null) return undefined;
  const own = entityKindOf(type) === 'trace' ? TRACE_ATTRIBUTE : SPAN_ATTRIBUTE;
  return attributesOf(metadata).find(
    (name) => name.startsWith(own) && (attributes as Record<string, unknown>)[name] === id,
  );
}

/** Whether stored metadata holds the mark that {@link markKeyOf} named. */
export function holdsMark(metadata: Readonly<Record<string, unknown>>, markKey: string): boolean {
  if (metadata[markKey] !== undefined) return true;
  const { attributes } = metadata;
  return (
    markKey.startsWith('langfuse.') && typeof attributes === 'string' && attributes.includes(`"${markKey}":`)
  );
}

/** The number of the event whose metadata key or attribute this is; NaN when it is none. */
export function markOfKey(key: string): number {
  const start = key.startsWith(KEY_PREFIX) ? KEY_PREFIX.length : key.lastIndexOf('_') + 1;
  return fromBase36(key, start, key.length) ?? Number.NaN;
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
