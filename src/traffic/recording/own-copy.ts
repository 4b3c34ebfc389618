import { createHash } from 'node:crypto';

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

/** Gives recorded events ids and times of their own. */
export interface OwnCopy {
  /** The new id of a recorded one; the same each time. */
  id(recorded: string): string;
  /** A body with all its ids and times replaced; everything else is left as it is. */
  body(recorded: Readonly<Record<string, unknown>>): Record<string, unknown>;
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
      own = createHash('sha256').update(`${namespace}/${recorded}`).digest('hex').slice(0, 32);
      known.set(recorded, own);
    }
    return own;
  };
  const time = (recorded: string): string => {
    const at = Date.parse(recorded);
    return Number.isNaN(at) ? recorded : new Date(at + shiftMs).toISOString();
  };
  return {
    id,
    time,
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
