/** One request that is to be sent. The same scenario and seed give the same requests, byte for byte. */
export interface PlannedRequest {
  /** When it is due, in milliseconds since the traffic began. */
  readonly at: number;
  /** The endpoint, for example `/api/public/ingestion`. */
  readonly path: string;
  /** The body as JSON text. */
  readonly body: string;
  /**
   * The id under which each of its events is answered, in their order: the envelope's, or the score's own. Of spans each is one event
   * here, though some versions of Langfuse make two of one; they are answered under ids that the target makes, if under any.
   */
  readonly eventIds: readonly string[];
}

/** The requests of a run and what is known of them beforehand. */
export interface Traffic {
  /** In the order of their due times; made as they are asked for, and only once. */
  readonly requests: Iterable<PlannedRequest>;
  readonly totalEvents: number;
  /** All marks of its events are numbers below this one. */
  readonly marks: number;
  /** Milliseconds from the start to the last request's due time. */
  readonly durationMs: number;
}

/**
 * The moment at which the traffic's own time begins: timestamps inside events count from here, never from the
 * wall clock, so that the same seed sends the same bytes. It is 18 hours from the end of its day (UTC): Langfuse
 * keeps an entity once per calendar day (`ORDER BY project_id, toDate(timestamp), id`, ClickHouse migrations
 * 0001–0003 at v3.36.0), so an entity whose times straddle midnight would be stored twice.
 */
export const VIRTUAL_START = Date.UTC(2025, 2, 10, 6, 0, 0);
