import { createHash } from 'node:crypto';
import type { ExportedSpan, KeyValue } from '../../langfuse/otlp.ts';

/** The fields of an event's body that hold an id of an entity, of this event's or of another. */
const ID_FIELDS = [
  'id',
  'traceId',
  'observationId',
  'parentObservationId',
  'sessionId',
  'spanId',
  'generationId',
];
/** The fields of an event's body that hold a time. */
const TIME_FIELDS = ['timestamp', 'startTime', 'endTime', 'completionStartTime'];

/** Attributes of a span that hold an id of something that other requests name too; of a time. */
const ID_ATTRIBUTES = ['session.id', 'langfuse.session.id'];
const TIME_ATTRIBUTES = ['langfuse.observation.completion_start_time'];
const NANOSECONDS = 1_000_000n;
/** The id of a span is half as long as that of a trace, and is so wherever it stands. */
const SPAN_ID = /^[0-9a-f]{16}$/;

/** Gives recorded events ids and times of their own. */
export interface OwnCopy {
  /** The new id of a recorded one; the same each time. */
  id(recorded: string): string;
  /** A body with all its ids and times replaced; everything else is left as it is. */
  body(recorded: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** A span with all its ids and times replaced. */
  span(recorded: ExportedSpan): ExportedSpan;
  /** An ISO 8601 time, shifted; anything else comes back as it is. */
  time(recorded: string): string;
}

/**
 * Makes the copy of one repeat. New ids are made from `namespace` and the recorded id alone, so references stay whole,
 * and neither another repeat nor another seed has them. All times are shifted by the same distance.
 */
export function createOwnCopy(namespace: string, shiftMs: number): OwnCopy {
  const known = new Map<string, string>();
  const id = (recorded: string): string => {
    let own = known.get(recorded);
    if (own === undefined) {
      const digest = createHash('sha256').update(`${namespace}/${recorded}`).digest('hex');
      own = digest.slice(0, SPAN_ID.test(recorded) ? 16 : 32);
      known.set(recorded, own);
    }
    return own;
  };
  const time = (recorded: string): string => {
    const at = Date.parse(recorded);
    return Number.isNaN(at) ? recorded : new Date(at + shiftMs).toISOString();
  };
  const nanoseconds = (recorded: string | number): string =>
    String(BigInt(recorded) + BigInt(Math.round(shiftMs)) * NANOSECONDS);
  const ownText = (key: string, text: string): string => {
    if (ID_ATTRIBUTES.includes(key)) return id(text);
    // Some SDKs send the time with quotes of its own.
    const isQuoted = text.startsWith('"');
    return isQuoted ? JSON.stringify(time(text.slice(1, -1))) : time(text);
  };
  const attribute = ({ key, value, ...rest }: KeyValue): KeyValue => {
    const { stringValue } = value;
    const isOwn = ID_ATTRIBUTES.includes(key) || TIME_ATTRIBUTES.includes(key);
    if (!isOwn || typeof stringValue !== 'string') return { key, value, ...rest };
    return { key, value: { stringValue: ownText(key, stringValue) }, ...rest };
  };
  return {
    id,
    time,
    span: (recorded) => ({
      ...recorded,
      traceId: id(recorded.traceId),
      spanId: id(recorded.spanId),
      ...(recorded.parentSpanId && { parentSpanId: id(recorded.parentSpanId) }),
      startTimeUnixNano: nanoseconds(recorded.startTimeUnixNano),
      endTimeUnixNano: nanoseconds(recorded.endTimeUnixNano),
      ...(recorded.attributes && { attributes: recorded.attributes.map(attribute) }),
    }),
    body: (recorded) => {
      const own: Record<string, unknown> = { ...recorded };
      for (const field of ID_FIELDS) {
        const value = own[field];
        if (typeof value === 'string' && value !== '') own[field] = id(value);
      }
      for (const field of TIME_FIELDS) {
        const value = own[field];
        if (typeof value === 'string') own[field] = time(value);
      }
      return own;
    },
  };
}
