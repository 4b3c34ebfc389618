/**
 * The events of Langfuse's ingestion API, as far as the harness reads them.
 * Source: `packages/shared/src/server/ingestion/types.ts` at v3.36.0.
 */

/**
 * The types `POST /api/public/ingestion` takes; and what is made of a span where that is none of these: one row of `events_full`
 * (`otel-span`), or an observation and a part of a trace in the tables of v3.
 */
export type EventType =
  | 'otel-span'
  | 'otel-observation'
  | 'otel-trace'
  | 'trace-create'
  | 'span-create'
  | 'span-update'
  | 'generation-create'
  | 'generation-update'
  | 'event-create'
  | 'score-create'
  | 'observation-create'
  | 'observation-update'
  | 'sdk-log';

/** One event: envelope and body, as it goes over the wire. */
export interface IngestionEvent {
  /** The envelope's id, unique per event. */
  readonly id: string;
  /** ISO 8601; orders the events of one entity when they are merged. */
  readonly timestamp: string;
  readonly type: EventType;
  /** The entity's fields; `body.id` names the entity. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly metadata?: unknown;
}

/** What Langfuse stores an entity as; the S3 folder of its raw events has the same name. */
export type EntityKind = 'trace' | 'observation' | 'score';

/** One entity of one project, as `<kind>/<id>`: the part of the S3 key between project and file. */
export type EntityKey = `${EntityKind}/${string}`;

const KIND_OF_TYPE: ReadonlyMap<string, EntityKind> = new Map([
  ['otel-span', 'observation'],
  ['otel-observation', 'observation'],
  ['otel-trace', 'trace'],
  ['trace-create', 'trace'],
  ['span-create', 'observation'],
  ['span-update', 'observation'],
  ['generation-create', 'observation'],
  ['generation-update', 'observation'],
  ['event-create', 'observation'],
  ['score-create', 'score'],
  ['observation-create', 'observation'],
  ['observation-update', 'observation'],
]);

/** The kind of entity an event type writes; undefined for `sdk-log`, which is never stored. */
export function entityKindOf(type: EventType): EntityKind | undefined {
  return KIND_OF_TYPE.get(type);
}

/**
 * The entity an event belongs to; undefined when it is absent by design: `sdk-log`, and an event without a
 * body id, which Langfuse acknowledges and never stores (`processEventBatch.ts` at v3.36.0).
 */
export function entityOf(event: Pick<IngestionEvent, 'type' | 'body'>): EntityKey | undefined {
  const kind = entityKindOf(event.type);
  const id = event.body.id;
  return kind && typeof id === 'string' && id !== '' ? `${kind}/${id}` : undefined;
}
