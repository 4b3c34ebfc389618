import type { EntityKind } from '../langfuse/events.ts';
import { type ExpectedRow, expectedRow } from '../langfuse/expected-row.ts';
import { type ExpectedSpan, expectedOfSpans } from '../langfuse/expected-span.ts';
import { holdsMark, markOfComment } from '../langfuse/mark.ts';
import { comesBefore, mergeOrders, sortByTime } from '../langfuse/merge-order.ts';
import { rowDifferences, rowHolds } from '../langfuse/stored-form.ts';
import type { EntityEvent } from './entity-events.ts';
import { firstCandidates } from './first-event.ts';
import type { StoredRow } from './input.ts';
import type { FieldDifference } from './verdict.ts';

/** What a row is made of, as far as it can be told. */
export interface Explanation {
  /** The events whose content is in it; none when the row can't have come from any of them. */
  readonly included: readonly EntityEvent[];
  /** Where its content is not what these events allow; empty when it is. */
  readonly differences: readonly FieldDifference[];
  /** True when there were more possibilities than could be tried: the content is neither right nor wrong for certain. */
  readonly unclear: boolean;
}

/** Ways to merge an entity's events that are tried for one row, and those that are compared place by place when none fits. */
const MOST_TRIED = 5000;
const MOST_COMPARED = 200;
/** Events whose presence is open: each doubles the ways. With more of them only "all are in it" is tried. */
const MOST_OPEN = 12;
/** Longest JSON text of a value, and most values, that a difference shows. */
const LONGEST_VALUE = 200;
const MOST_VALUES = 5;
/** Most places of one row that are shown. */
const MOST_DIFFERENCES = 20;

const NOTHING: readonly never[] = [];

/**
 * Explains the rows of one entity. The marks in a row say which events are in it; where a mark can't say (an event
 * without one, or a score that a newer one has overwritten), every possibility is tried, those first in which the most
 * acknowledged events are in it. Which of two overwritten scores is missing, where one must be, nobody can know. The same goes for the order of events of one time, and for which event was processed first.
 */
export class RowExplainer {
  readonly #kind: EntityKind;
  readonly #events: readonly EntityEvent[];
  /**
   * Whether each event's mark shows in every row that holds the event, and a row that is as expected holds all marks: then content alone says
   * which events are in it. Not so for spans: their metadata is not always compared, and two under one id are not merged.
   */
  readonly #isMarked: boolean;
  /** What its marks alone explained last; not of spans. Metadata and comment, which hold the marks, are part of what is expected. */
  #last: { readonly expected: Expected; readonly explanation: Explanation } | undefined;

  /** @param events sorted by time */
  constructor(kind: EntityKind, events: readonly EntityEvent[]) {
    this.#kind = kind;
    this.#events = events;
    this.#isMarked =
      events.length > 0 && (kind === 'score' ? isMarkedScore(events) : events.every(hasComparedMark));
  }

  explain(row: StoredRow): Explanation {
    if (this.#last && rowHolds(row, this.#last.expected)) return this.#last.explanation;
    // As nearly always: the row is what all events make. Then it holds all of their marks too, since metadata and comment are compared.
    if (this.#isMarked && !this.#last) {
      const explanation = this.#explainAs(row, this.#events);
      if (explanation) return explanation;
    }
    return this.explainByMarks(row);
  }

  /** The general way: from the marks in the row, trying what they leave open. {@link explain} says the same, faster for what is usual. */
  explainByMarks(row: StoredRow): Explanation {
    const { certain, open } = this.#kind === 'score' ? this.#splitByComment(row) : this.#splitByMetadata(row);
    if (certain.length + open.length === 0)
      return { included: NOTHING, differences: NOTHING, unclear: false };
    if (open.length > 0) return this.#search(row, certain, open);
    return this.#explainAs(row, certain) ?? this.#search(row, certain, open);
  }

  /** The explanation if the row is what these events make in the order of their times. */
  #explainAs(row: StoredRow, included: readonly EntityEvent[]): Explanation | undefined {
    const expected = expectedOf(this.#kind, included, included[0] as EntityEvent);
    if (!rowHolds(row, expected)) return undefined;
    const explanation = { included, differences: NOTHING, unclear: false };
    if (expected.kind !== 'span') this.#last = { expected, explanation };
    return explanation;
  }

  #splitByMetadata(row: StoredRow): Split {
    const metadata = row.metadata;
    const stored =
      typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : {};
    const certain: EntityEvent[] = [];
    const open: EntityEvent[] = [];
    for (const event of this.#events) {
      if (event.markKey === undefined) open.push(event);
      else if (holdsMark(stored, event.markKey)) certain.push(event);
    }
    return { certain, open };
  }

  /** Only the mark of the newest score survives. Older ones may be in the row as well; newer ones would have overwritten it. */
  #splitByComment(row: StoredRow): Split {
    const mark = markOfComment(row.comment);
    const marked = this.#events.filter((event) => mark !== undefined && event.commentMark === mark);
    const newest = marked.find((event) => event.answer !== 'refused') ?? marked[0];
    if (newest && this.#events.length === 1) return { certain: [newest], open: NOTHING };
    const isOpen = (event: EntityEvent) =>
      event !== newest &&
      (event.commentMark === undefined || (newest !== undefined && !comesBefore(newest, event)));
    return { certain: newest ? [newest] : NOTHING, open: this.#events.filter(isOpen) };
  }

  #search(row: StoredRow, certain: readonly EntityEvent[], open: readonly EntityEvent[]): Explanation {
    let tried = 0;
    for (const { included, expected } of waysToMerge(this.#kind, certain, open)) {
      if (tried === MOST_TRIED) return { included, differences: NOTHING, unclear: true };
      if (rowHolds(row, expected)) return { included, differences: NOTHING, unclear: false };
      tried += 1;
    }
    if (open.length > MOST_OPEN) {
      return { included: [...certain, ...notRefused(open)], differences: NOTHING, unclear: true };
    }
    return this.#nearest(row, certain, open);
  }

  /** None fits: the way that differs in the fewest places, and what the others would allow there. */
  #nearest(row: StoredRow, certain: readonly EntityEvent[], open: readonly EntityEvent[]): Explanation {
    const allowed = new Map<string, Set<string>>();
    let nearest: { included: readonly EntityEvent[]; places: ReturnType<typeof rowDifferences> } | undefined;
    let compared = 0;
    for (const { included, expected } of waysToMerge(this.#kind, certain, open)) {
      const places = rowDifferences(row, expected);
      for (const { field, expected: value } of places) {
        const values = allowed.get(field) ?? new Set();
        allowed.set(field, values.add(shown(value)));
      }
      if (!nearest || places.length < nearest.places.length) nearest = { included, places };
      compared += 1;
      if (compared === MOST_COMPARED) break;
    }
    const differences = (nearest?.places ?? []).slice(0, MOST_DIFFERENCES).map(({ field, stored }) => ({
      field,
      stored: shown(stored),
      allowed: [...(allowed.get(field) ?? [])].slice(0, MOST_VALUES),
    }));
    return { included: nearest?.included ?? certain, differences, unclear: false };
  }
}

type Expected = ExpectedRow | ExpectedSpan;

function expectedOf(kind: EntityKind, inOrder: readonly EntityEvent[], first: EntityEvent): Expected {
  if (!isOfSpan(first)) return expectedRow(kind, inOrder, first);
  return expectedOfSpans(inOrder.map(({ event }) => event));
}

function hasComparedMark(event: EntityEvent): boolean {
  return event.markKey !== undefined && !isOfSpan(event);
}

function isOfSpan({ event }: EntityEvent): boolean {
  return event.type.startsWith('otel-');
}

/** Of several scores the newest overwrites the others' marks. */
function isMarkedScore(events: readonly EntityEvent[]): boolean {
  return events.length === 1 && events[0]?.commentMark !== undefined;
}

interface Split {
  /** Events that are in the row. */
  readonly certain: readonly EntityEvent[];
  /** Events that may be in it. */
  readonly open: readonly EntityEvent[];
}

/** Every way in which Langfuse may have merged the row, the likeliest first. */
function* waysToMerge(
  kind: EntityKind,
  certain: readonly EntityEvent[],
  open: readonly EntityEvent[],
): Generator<{ included: readonly EntityEvent[]; expected: Expected }> {
  for (const included of selections(certain, open)) {
    const firsts = firstCandidates(included);
    for (const order of mergeOrders(included)) {
      for (const first of firsts) yield { included, expected: expectedOf(kind, order, first) };
    }
  }
}

/**
 * The certain events with every choice of the open ones: the fewer acknowledged ones are left out and refused ones let in, the
 * earlier; of equally good ones that with the newer events.
 */
function* selections(
  certain: readonly EntityEvent[],
  open: readonly EntityEvent[],
): Generator<readonly EntityEvent[]> {
  if (open.length === 0) {
    yield certain;
    return;
  }
  if (open.length > MOST_OPEN) {
    yield sortByTime([...certain, ...notRefused(open)]);
    return;
  }
  const choices = Array.from({ length: 2 ** open.length }, (_, choice) => ({
    choice,
    cost: open.reduce((cost, event, at) => cost + costOf(event, (choice & (1 << at)) !== 0), 0),
  }));
  for (const { choice } of choices.sort((a, b) => a.cost - b.cost || b.choice - a.choice)) {
    const chosen = open.filter((_, at) => (choice & (1 << at)) !== 0);
    if (certain.length + chosen.length > 0) yield sortByTime([...certain, ...chosen]);
  }
}

function notRefused(events: readonly EntityEvent[]): readonly EntityEvent[] {
  return events.filter((event) => event.answer !== 'refused');
}

/** One acknowledged event weighs more than all that are not. */
function costOf({ answer }: EntityEvent, isIn: boolean): number {
  if (answer === 'acknowledged') return isIn ? 0 : 10_000;
  if (answer === 'indeterminate') return isIn ? 0 : 1;
  return isIn ? 100 : 0;
}

function shown(value: string | undefined): string {
  return (value ?? 'absent').slice(0, LONGEST_VALUE);
}
