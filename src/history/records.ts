/**
 * The lines of a history: an append-only file, one JSON object a line. A request is written whole before it
 * is sent and completed by a second line when it is answered, so that a harness killed at any moment leaves
 * behind what it may have sent. Times are milliseconds since the epoch.
 */

/** First line. */
export interface HistoryHeader {
  readonly kind: 'header';
  /** Version of this format. */
  readonly version: 1;
  /** Id of the run that wrote it. */
  readonly run: string;
  readonly seed: string;
  /** The Langfuse project that the traffic goes to. */
  readonly projectId: string;
}

/** A request, written before its first byte leaves. */
export interface SentRecord {
  readonly kind: 'sent';
  /** Number of the request within the run, from 0. */
  readonly request: number;
  readonly at: number;
  /** The endpoint, for example `/api/public/ingestion`. */
  readonly path: string;
  /** The body, exactly as sent. */
  readonly body: unknown;
}

/** How a request ended; a request without one was in flight when the harness ended. */
export interface AnsweredRecord {
  readonly kind: 'answered';
  readonly request: number;
  readonly at: number;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The answer's body: parsed JSON or text, cut at 64 KiB; absent where every event was acknowledged (`allAcknowledged`). */
  readonly body?: unknown;
  /** True for a 207 whose body acknowledged exactly the events that were sent, each with 201; of spans, for a 207 or 200 that leaves none out. */
  readonly allAcknowledged?: true;
  /** Why no answer came: `TIMEOUT`, `ECONNREFUSED`, … and the error's text. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** Last line of a history that was ended in order. */
export interface ClosedRecord {
  readonly kind: 'closed';
  /** How many requests the history holds. */
  readonly requests: number;
}

/** Any line of a history. */
export type HistoryRecord = HistoryHeader | SentRecord | AnsweredRecord | ClosedRecord;
