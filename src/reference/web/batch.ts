import { type ApiError, invalidRequest, unauthorized } from '../errors.ts';
import { type EventType, entityTypeOf, type IngestionEvent, ingestionEvent } from '../events.ts';
import type { Scope } from '../queues.ts';

/** Why one event was refused. */
export interface RefusedEvent {
  /** The event's id, or `unknown` if it has none. */
  readonly id: string;
  readonly error: ApiError;
}

/** A batch taken apart. */
export interface ReadBatch {
  /** In the order in which they are acknowledged and grouped. */
  readonly events: IngestionEvent[];
  readonly refused: RefusedEvent[];
  /** `sdk-log` events: neither acknowledged nor refused. */
  readonly logs: IngestionEvent[];
}

/** The events of one entity in one request: one object in S3 and one job. */
export interface EntityGroup {
  readonly entityId: string;
  /** Type of the first event. */
  readonly type: EventType;
  /** Id of the first event: the object's name. */
  readonly key: string;
  readonly events: IngestionEvent[];
}

/** Answer of an ingestion request. */
export interface BatchResult {
  readonly successes: { id: string; status: number }[];
  readonly errors: { id: string; status: number; message: string; error: string }[];
}

/** Checks each event by itself; the bad ones do not harm the good ones. */
export function readBatch(input: readonly unknown[], scope: Scope): ReadBatch {
  const events: IngestionEvent[] = [];
  const logs: IngestionEvent[] = [];
  const schemaErrors: RefusedEvent[] = [];
  const scopeErrors: RefusedEvent[] = [];
  for (const item of input) {
    const parsed = ingestionEvent.safeParse(item);
    if (!parsed.success) {
      schemaErrors.push({ id: idOf(item), error: invalidRequest(parsed.error.message) });
    } else if (!isAllowed(parsed.data.type, scope)) {
      scopeErrors.push({ id: parsed.data.id, error: unauthorized('Access Scope Denied') });
    } else if (parsed.data.type === 'sdk-log') {
      logs.push(parsed.data);
    } else {
      events.push(parsed.data);
    }
  }
  return { events: sortEvents(events), refused: [...schemaErrors, ...scopeErrors], logs };
}

/** Updates last, each half by timestamp. */
export function sortEvents(events: readonly IngestionEvent[]): IngestionEvent[] {
  const byTime = events.toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
  const isUpdate = ({ type }: IngestionEvent) => type.endsWith('-update');
  return [...byTime.filter((event) => !isUpdate(event)), ...byTime.filter(isUpdate)];
}

/** Groups sorted events by entity. An event without a body id is left out here, though it is acknowledged. */
export function groupByEntity(events: readonly IngestionEvent[]): EntityGroup[] {
  const groups = new Map<string, EntityGroup>();
  for (const event of events) {
    if (!event.body.id) continue;
    const key = `${entityTypeOf(event.type)}-${event.body.id}`;
    const group = groups.get(key);
    if (group) group.events.push(event);
    else groups.set(key, { entityId: event.body.id, type: event.type, key: event.id, events: [event] });
  }
  return [...groups.values()];
}

/** The answer: 201 for every event that was taken, and why the others were not. */
export function batchResult({ events, refused }: ReadBatch): BatchResult {
  return {
    successes: events.map(({ id }) => ({ id, status: 201 })),
    errors: refused.map(({ id, error }) => ({
      id,
      status: error.status,
      message: error.status === 401 ? 'Authentication error' : 'Invalid request data',
      error: error.message,
    })),
  };
}

function isAllowed(type: EventType, scope: Scope): boolean {
  return scope.accessLevel === 'all' || type === 'score-create' || type === 'sdk-log';
}

function idOf(item: unknown): string {
  const id = typeof item === 'object' && item && 'id' in item ? item.id : undefined;
  return typeof id === 'string' ? id : 'unknown';
}
