import { INGESTION_PATH } from '../../langfuse/endpoints.ts';
import type { EventType, IngestionEvent } from '../../langfuse/events.ts';
import { withMark } from '../../langfuse/mark.ts';
import { type PlannedRequest, VIRTUAL_START } from '../request.ts';
import type { OddContext } from './odd-traffic.ts';

/** A moment of the traffic's own time, as it is sent. @param seconds since that time began */
export function timeAt(seconds: number): string {
  return new Date(VIRTUAL_START + Math.round(seconds * 1000)).toISOString();
}

/**
 * An event with the next mark, and with an id of its own unless one is given.
 *
 * @param seconds when its envelope says it happened, in seconds since the traffic's own time began
 */
export function oddEvent(
  context: OddContext,
  type: EventType,
  body: Readonly<Record<string, unknown>>,
  seconds = 0,
  id = context.random.hex(32),
): IngestionEvent {
  const event = { id, timestamp: timeAt(seconds), type, body };
  return withMark(event, context.nextMark());
}

/** One request to the ingestion endpoint. @param at seconds since the step */
export function batchOf(events: readonly IngestionEvent[], at = 0): PlannedRequest {
  return {
    at: at * 1000,
    path: INGESTION_PATH,
    body: JSON.stringify({ batch: events }),
    eventIds: events.map(({ id }) => id),
  };
}
