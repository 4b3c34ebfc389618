import type { AnsweredRecord } from '../history/records.ts';
import { SPANS_PATH } from '../langfuse/endpoints.ts';
import type { PlannedRequest } from './request.ts';

/** How a request ended, before it has a place in the history. */
export type Answer = Omit<AnsweredRecord, 'kind' | 'request' | 'at'>;

/** How many of a request's events were answered in which way; the sum is the number of its events. */
export interface AnswerCount {
  acknowledged: number;
  refused: number;
  indeterminate: number;
}

/** Most characters of an answer that are kept. */
const LONGEST_BODY = 64 * 1024;
/** Most characters of each text inside an answer that is too long as a whole. */
const LONGEST_TEXT = 200;

/**
 * Judges an HTTP answer: which events it acknowledged (201 inside a 207; any 2xx of another endpoint), which it
 * refused (a 4xx, for the event or the request), and which are neither and so indeterminate. Shapes of the answers:
 * `web/src/pages/api/public/ingestion.ts` and `aggregateBatchResult` in `processEventBatch.ts` at v3.36.0.
 */
export function readAnswer(
  request: PlannedRequest,
  status: number,
  text: string,
): { answer: Answer; count: AnswerCount } {
  const body = parse(text);
  const events = request.eventIds.length;
  const isOfSpans = request.path === SPANS_PATH && (status === 207 || status === 200);
  const count = isOfSpans ? countSpans(events, status, body) : countAnswers(request.eventIds, status, body);
  const allAcknowledged =
    count.acknowledged === events && (isOfSpans || (status === 207 && answeredIds(body) === events));
  return {
    answer: allAcknowledged ? { status, allAcknowledged } : { status, body: shorten(body, text) },
    count,
  };
}

/** The count of a request that got no answer. */
export function countUnanswered(request: PlannedRequest): AnswerCount {
  return { acknowledged: 0, refused: 0, indeterminate: request.eventIds.length };
}

function countAnswers(ids: readonly string[], status: number, body: unknown): AnswerCount {
  const count: AnswerCount = { acknowledged: 0, refused: 0, indeterminate: 0 };
  if (status !== 207) {
    const answer =
      status >= 200 && status < 300 ? 'acknowledged' : isRefusal(status) ? 'refused' : 'indeterminate';
    count[answer] = ids.length;
    return count;
  }
  const statuses = new Map<unknown, unknown>();
  for (const entry of [...list(body, 'successes'), ...list(body, 'errors')])
    statuses.set(entry.id, entry.status);
  for (const id of ids) {
    const eventStatus = statuses.get(id);
    if (eventStatus === 201) count.acknowledged += 1;
    else if (isRefusal(eventStatus)) count.refused += 1;
    else count.indeterminate += 1;
  }
  return count;
}

/**
 * The ids in the answer are the target's own, so only how many there are can tell: at least one for each span up to v3.112. From then on
 * nothing is named, and OTLP's partial success says how many spans were not taken, but not which.
 */
function countSpans(spans: number, status: number, body: unknown): AnswerCount {
  const acknowledged = list(body, 'successes').filter((entry) => entry.status === 201).length;
  const names = status === 207 || hasLists(body);
  const isWhole =
    (!names || acknowledged >= spans) && list(body, 'errors').length === 0 && rejectedSpans(body) === 0;
  return { acknowledged: isWhole ? spans : 0, refused: 0, indeterminate: isWhole ? 0 : spans };
}

function hasLists(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('successes' in body || 'errors' in body);
}

/** NaN where it is not told as a number. */
function rejectedSpans(body: unknown): number {
  const partial = (body as { readonly partialSuccess?: { readonly rejectedSpans?: unknown } } | null)
    ?.partialSuccess;
  return Number(partial?.rejectedSpans ?? 0);
}

function isRefusal(status: unknown): boolean {
  return typeof status === 'number' && status >= 400 && status < 500;
}

function answeredIds(body: unknown): number {
  return list(body, 'successes').length + list(body, 'errors').length;
}

function list(body: unknown, name: 'successes' | 'errors'): readonly { id?: unknown; status?: unknown }[] {
  const found =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return Array.isArray(found) ? found.filter((entry) => typeof entry === 'object' && entry !== null) : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A long answer keeps the status of every event and loses the length of its texts. */
function shorten(body: unknown, text: string): unknown {
  if (text.length <= LONGEST_BODY) return body;
  const short = JSON.stringify(body, (_key, value) =>
    typeof value === 'string' && value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value,
  );
  return typeof body === 'string' || short.length > LONGEST_BODY
    ? text.slice(0, LONGEST_BODY)
    : JSON.parse(short);
}
