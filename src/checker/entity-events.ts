import { markKeyOf, markOfComment, markOfKey } from '../langfuse/mark.ts';
import { sortByTime, type TimedEvent } from '../langfuse/merge-order.ts';
import { parseTime } from '../langfuse/time-text.ts';
import type { Answer, SentEvent } from './input.ts';

/** One event of an entity, however many requests carried it, and at which checkpoints a row held it. */
export class EntityEvent implements TimedEvent {
  readonly event: SentEvent['event'];
  /** Oldest first. */
  readonly sends: readonly SentEvent[];
  readonly answer: Answer;
  readonly from: number;
  readonly to: number;
  readonly envelopeByTarget: boolean;
  /** Metadata key of its mark; undefined for a score and for an event without one. */
  readonly markKey: string | undefined;
  /** Number of a score's mark. */
  readonly commentMark: number | undefined;
  /** Bit `1 << c` is set when a live row held it at checkpoint `c`. */
  presentAt = 0;
  /** Bit `1 << c` is set when that row's content was not what its events allow. */
  alteredAt = 0;

  /** @param end when the target can have made an envelope at the latest, for a request that got no clear answer */
  constructor(sends: readonly [SentEvent, ...SentEvent[]], end: number) {
    const [first] = sends;
    this.event = first.event;
    this.sends = sends;
    this.answer = strongest(sends);
    this.envelopeByTarget = first.envelopeByTarget === true;
    if (this.envelopeByTarget) {
      this.from = first.sentAt;
      this.to = sends.reduce((to, send) => Math.max(to, answeredOr(send, end)), first.sentAt);
    } else {
      this.from = parseTime(first.event.timestamp);
      this.to = this.from;
    }
    const isScore = first.event.type === 'score-create';
    this.markKey = isScore ? undefined : markKeyOf(first.event);
    this.commentMark = isScore ? markOfComment(first.event.body.comment) : undefined;
  }

  /** Number of its mark, if it has one. */
  get mark(): number | undefined {
    return this.markKey === undefined ? this.commentMark : markOfKey(this.markKey);
  }

  /** When it was first sent. */
  get sentAt(): number {
    return (this.sends[0] as SentEvent).sentAt;
  }

  /** When it was first acknowledged; undefined if it never was. */
  get acknowledgedAt(): number | undefined {
    let earliest: number | undefined;
    for (const { answer, answeredAt } of this.sends) {
      if (answer !== 'acknowledged' || answeredAt === undefined) continue;
      if (earliest === undefined || answeredAt < earliest) earliest = answeredAt;
    }
    return earliest;
  }
}

/**
 * One event of each that was sent, sorted by time. The same event in several requests is one, and acknowledged if any
 * request was.
 *
 * @param onReuse told of an id under which different events, or different spans, were sent
 */
export function entityEvents(
  sends: readonly SentEvent[],
  end: number,
  onReuse: (eventId: string) => void,
): readonly EntityEvent[] {
  if (sends.length === 1) return [new EntityEvent(sends as readonly [SentEvent], end)];
  if (haveOwnIds(sends)) return sortByTime(sends.map((send) => new EntityEvent([send], end)));
  const groups: [SentEvent, ...SentEvent[]][] = [];
  const byId = new Map<string, [SentEvent, ...SentEvent[]][]>();
  for (const send of sends.toSorted((a, b) => a.request - b.request || a.index - b.index)) {
    const known = byId.get(send.event.id);
    const same = known?.find(([first]) => isSameEvent(first, send));
    if (same) {
      same.push(send);
      continue;
    }
    if (known && hasOwnId(send)) onReuse(send.event.id);
    const group: [SentEvent] = [send];
    groups.push(group);
    if (known) known.push(group);
    else byId.set(send.event.id, [group]);
  }
  return sortByTime(groups.map((group) => new EntityEvent(group, end)));
}

/**
 * Whether the id of an event is to be that of no other: the sender gave it, or it is a span's, of which Langfuse keeps one row. An envelope's
 * that the target made is not, nor that of a trace, to which several spans may add.
 */
function hasOwnId({ event, envelopeByTarget }: SentEvent): boolean {
  return !envelopeByTarget || event.type === 'otel-span' || event.type === 'otel-observation';
}

/** Whether no event was sent twice and all are in the order in which they were sent, as nearly always. */
function haveOwnIds(sends: readonly SentEvent[]): boolean {
  if (sends.length > MOST_COMPARED_ONE_BY_ONE) return false;
  for (let at = 1; at < sends.length; at += 1) {
    const { event, request, index } = sends[at] as SentEvent;
    const before = sends[at - 1] as SentEvent;
    if (before.request > request || (before.request === request && before.index > index)) return false;
    for (let other = 0; other < at; other += 1) {
      if ((sends[other] as SentEvent).event.id === event.id) return false;
    }
  }
  return true;
}

const MOST_COMPARED_ONE_BY_ONE = 16;

function strongest(sends: readonly SentEvent[]): Answer {
  let answer: Answer = 'refused';
  for (const send of sends) {
    if (send.answer === 'acknowledged') return 'acknowledged';
    if (send.answer === 'indeterminate') answer = 'indeterminate';
  }
  return answer;
}

function answeredOr({ answer, answeredAt }: SentEvent, end: number): number {
  return answer === 'indeterminate' ? end : (answeredAt ?? end);
}

function isSameEvent(a: SentEvent, b: SentEvent): boolean {
  if (a.event === b.event) return true;
  if (a.event.type !== b.event.type || a.envelopeByTarget !== b.envelopeByTarget) return false;
  if (!a.envelopeByTarget && a.event.timestamp !== b.event.timestamp) return false;
  return JSON.stringify(a.event.body) === JSON.stringify(b.event.body);
}
