import type { AnsweredRecord, HistoryRecord, SentRecord } from '../history/records.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../langfuse/endpoints.ts';
import type { IngestionEvent } from '../langfuse/events.ts';
import type { SpanEvent } from '../langfuse/otel-events.ts';
import { eventsOfExport, type SpanForm } from '../langfuse/span-events.ts';
import type { Answer, SentEvent } from './input.ts';

/** Something that keeps a run from being judged for certain. */
export interface Doubt {
  readonly code: string;
  readonly text: string;
}

/**
 * The events that a history tells of, each with how it was answered, as soon as its request was answered; those of
 * requests without an answer come last. Memory holds only the requests in flight. An event that was sent in several requests comes
 * several times; the judge makes one of it.
 *
 * Shapes of the answers: `web/src/pages/api/public/{ingestion,scores/index}.ts` and `aggregateBatchResult` in
 * `packages/shared/src/server/ingestion/processEventBatch.ts` at v3.36.0.
 *
 * @param onDoubt told, when the history has been read to its end, what in it can't be interpreted for certain
 * @param form what the target makes of spans
 */
export function* sentEvents(
  records: Iterable<HistoryRecord>,
  onDoubt: (doubt: Doubt) => void,
  form: SpanForm = 'web converts',
): Generator<SentEvent> {
  const inFlight = new Map<number, SentRecord>();
  const doubts = new DoubtCounter();
  for (const record of records) {
    if (record.kind === 'sent') inFlight.set(record.request, record);
    if (record.kind !== 'answered') continue;
    const sent = inFlight.get(record.request);
    if (!sent) {
      doubts.add('answer-without-request', `request ${record.request}`);
      continue;
    }
    inFlight.delete(record.request);
    yield* eventsOf(sent, record, doubts, form);
  }
  for (const sent of inFlight.values()) yield* eventsOf(sent, undefined, doubts, form);
  doubts.tell(onDoubt);
}

function eventsOf(
  sent: SentRecord,
  answered: AnsweredRecord | undefined,
  doubts: DoubtCounter,
  form: SpanForm,
): Iterable<SentEvent> {
  if (sent.path === INGESTION_PATH) return batchEvents(sent, answered, doubts);
  if (sent.path === SCORES_PATH) return [scoreEvent(sent, answered, doubts)];
  if (sent.path === SPANS_PATH) {
    const events = eventsOfExport(sent.body, form);
    if (events) return spanEvents(events, sent, answered, doubts);
    doubts.add('unreadable-spans', `request ${sent.request}`);
    return [];
  }
  doubts.add('unknown-endpoint', `${sent.path} in request ${sent.request}`);
  return [];
}

function* batchEvents(
  sent: SentRecord,
  answered: AnsweredRecord | undefined,
  doubts: DoubtCounter,
): Generator<SentEvent> {
  const batch = asRecord(sent.body).batch;
  // A body that is no batch is refused as a whole and holds no event.
  const events = Array.isArray(batch) ? batch.map(asEvent) : [];
  const answerOf = answersOf(events, sent.request, answered, doubts);
  for (const [index, event] of events.entries()) {
    yield { event, index, answer: answerOf(event), ...times(sent, answered) };
  }
}

/** The body is the score itself; the answer names its id when the request gave none. */
function scoreEvent(sent: SentRecord, answered: AnsweredRecord | undefined, doubts: DoubtCounter): SentEvent {
  const answer = wholeAnswer(answered, 200, sent.request, doubts);
  const body = asRecord(sent.body);
  const id = body.id ?? (answer === 'acknowledged' ? asRecord(answered?.body).id : undefined);
  if (typeof id !== 'string' && answer !== 'refused') {
    doubts.add('score-without-id', `request ${sent.request}`);
  }
  return {
    event: {
      id: typeof id === 'string' ? id : 'unknown',
      timestamp: new Date(sent.at).toISOString(),
      type: 'score-create',
      body: { ...body, id },
    },
    index: 0,
    answer,
    envelopeByTarget: true,
    ...times(sent, answered),
  };
}

/**
 * The answer speaks of all spans or of none: where it names ids (up to v3.112), they are those of envelopes that the target made, and of
 * OTLP's partial success only a number is told.
 */
function* spanEvents(
  events: readonly SpanEvent[],
  sent: SentRecord,
  answered: AnsweredRecord | undefined,
  doubts: DoubtCounter,
): Generator<SentEvent> {
  // 207 up to v3.37, 200 from v3.38 on.
  let answer = wholeAnswer(answered, answered?.status === 200 ? 200 : 207, sent.request, doubts);
  if (answer === 'acknowledged' && !answered?.allAcknowledged) {
    doubts.add('spans-in-part', `request ${sent.request}`);
    answer = 'indeterminate';
  }
  const timestamp = new Date(sent.at).toISOString();
  for (const [index, { id, type, body }] of events.entries()) {
    const event = { id, timestamp, type, body };
    yield { event, index, answer, envelopeByTarget: true, ...times(sent, answered) };
  }
}

function times(sent: SentRecord, answered: AnsweredRecord | undefined) {
  return {
    request: sent.request,
    sentAt: sent.at,
    ...(answered && { answeredAt: answered.at }),
  };
}

/** What the answer to a whole request says of everything in it. */
function wholeAnswer(
  answered: AnsweredRecord | undefined,
  success: number,
  request: number,
  doubts: DoubtCounter,
): Answer {
  const status = answered?.status;
  if (status === undefined || status >= 500) return 'indeterminate';
  if (status === success) return 'acknowledged';
  if (status >= 400) return 'refused';
  doubts.add('unexpected-status', `status ${status} for request ${request}`);
  return 'indeterminate';
}

function answersOf(
  events: readonly IngestionEvent[],
  request: number,
  answered: AnsweredRecord | undefined,
  doubts: DoubtCounter,
): (event: IngestionEvent) => Answer {
  const whole = wholeAnswer(answered, 207, request, doubts);
  if (whole !== 'acknowledged' || answered?.allAcknowledged) return () => whole;
  const answers = new Map<string, Answer | 'contradictory'>();
  const body = asRecord(answered?.body);
  for (const { id, status } of [...entriesOf(body.successes), ...entriesOf(body.errors)]) {
    if (typeof id !== 'string') continue;
    const answer = eventAnswer(status);
    const before = answers.get(id);
    answers.set(id, before === undefined || before === answer ? answer : 'contradictory');
  }
  const sentIds = new Set(events.map((event) => event.id));
  for (const id of answers.keys()) {
    if (!sentIds.has(id))
      doubts.add('answer-to-unsent-event', `id ${id} in the answer to request ${request}`);
  }
  return (event) => {
    const answer = answers.get(event.id);
    // Langfuse logs these and names them in neither list.
    if (answer === undefined && event.type === 'sdk-log') return 'acknowledged';
    if (answer === 'contradictory' || answer === undefined) {
      const code = answer === undefined ? 'event-not-answered' : 'contradictory-answer';
      doubts.add(code, `id ${event.id} in request ${request}`);
      return 'indeterminate';
    }
    return answer;
  };
}

function eventAnswer(status: unknown): Answer | 'contradictory' {
  if (typeof status !== 'number') return 'contradictory';
  if (status >= 500) return 'indeterminate';
  if (status >= 400) return 'refused';
  return status === 201 ? 'acknowledged' : 'contradictory';
}

/** What Langfuse can't read as an event it answers under the id `unknown`. */
function asEvent(sent: unknown): IngestionEvent {
  const { id, timestamp, type, body } = asRecord(sent);
  return {
    id: typeof id === 'string' ? id : 'unknown',
    timestamp: typeof timestamp === 'string' ? timestamp : '',
    type: type as IngestionEvent['type'],
    body: asRecord(body),
  };
}

function entriesOf(list: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list.map(asRecord) : [];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

const DOUBT_TEXTS = {
  'answer-without-request': 'Answers without a request that they belong to',
  'unknown-endpoint': 'Requests to an endpoint whose events are not known',
  'unreadable-spans': 'Requests with spans that can’t be read as OTLP/JSON',
  'spans-in-part': 'Requests with spans of which the answer acknowledges a part and does not say which',
  'score-without-id': 'Scores whose id is not known, so that they can’t be found again',
  'unexpected-status': 'Requests answered with a status that neither accepts nor refuses them',
  'answer-to-unsent-event': 'Answers for events that were not in the request',
  'event-not-answered': 'Events that their request’s 207 neither acknowledged nor refused',
  'contradictory-answer': 'Events that their request’s 207 answered in more than one way',
} as const;

/** One doubt per kind, however often it occurred. */
class DoubtCounter {
  readonly #kinds = new Map<keyof typeof DOUBT_TEXTS, { count: number; readonly first: string }>();

  add(code: keyof typeof DOUBT_TEXTS, where: string): void {
    const known = this.#kinds.get(code);
    if (known) known.count += 1;
    else this.#kinds.set(code, { count: 1, first: where });
  }

  tell(onDoubt: (doubt: Doubt) => void): void {
    for (const [code, { count, first }] of this.#kinds) {
      onDoubt({ code, text: `${DOUBT_TEXTS[code]}: ${count} (the first: ${first}).` });
    }
  }
}
