import type { IngestionEvent, ObservationEvent } from '../events.ts';
import { encodeId, LONGEST_ID } from '../safe-keys.ts';
import { finalCosts, finalUsage } from '../worker/usage.ts';
import { observationVersion, scoreVersion, traceVersion } from '../worker/versions.ts';

/*
 * What is refused at the door although Langfuse 3.36.0 takes it: values that would fail, or spoil, the insert
 * of their row. Refusing them is the only honest answer: once they are acknowledged they would have to land.
 */

/** What DateTime64 of ClickHouse can hold, milliseconds since the epoch: the years 1900 to 2299. */
const FIRST_TIME = Date.UTC(1900, 0, 1);
const LAST_TIME = Date.UTC(2300, 0, 1);
/** Half of what Decimal64(12) can hold: a total of input and output must fit as well. */
const HIGHEST_COST = 499_999;
/** Highest UInt16. */
const HIGHEST_PROMPT_VERSION = 65_535;

/** Why an event can't be stored as it is; undefined if it can. */
export function whyUnstorable(event: IngestionEvent): string | undefined {
  try {
    return findFault(event);
  } catch (error) {
    if (error instanceof RangeError) return 'The event is nested too deeply';
    return error instanceof Error ? error.message : String(error);
  }
}

function findFault(event: IngestionEvent): string | undefined {
  if (event.type === 'sdk-log') return undefined;
  if (!event.body.id) return 'body.id is missing: an event without it can not be stored';
  if (!isWellFormed(event)) return 'A text holds half of a surrogate pair, which is no valid Unicode';
  if (encodeId(event.body.id).length > LONGEST_ID) return `body.id is longer than ${LONGEST_ID} bytes`;
  if (namesHoldNul(event.body)) return 'An id or a name holds a NUL character';
  if ('metadata' in event.body && event.body.metadata === true) return 'metadata must not be a bare true';
  return faultOfRow(event);
}

/** Looks at the row that the event would make by itself. */
function faultOfRow(event: IngestionEvent): string | undefined {
  const entity = { projectId: '', id: String(event.body.id) };
  if (event.type === 'trace-create') {
    return faultOfTimes([Date.parse(event.timestamp), traceVersion(event, entity).timestamp]);
  }
  if (event.type === 'score-create') {
    const { timestamp, value } = scoreVersion(event, entity);
    return Number.isFinite(value ?? 0) ? faultOfTimes([timestamp]) : 'value is no finite number';
  }
  if (event.type === 'sdk-log') return undefined;
  return faultOfObservation(event, entity);
}

function faultOfObservation(
  event: ObservationEvent,
  entity: { projectId: string; id: string },
): string | undefined {
  const row = observationVersion(event, entity, null);
  const usage = Object.values(finalUsage(row.provided_usage_details).usage_details);
  if (!usage.every(Number.isSafeInteger)) return 'Usage must be whole numbers below 2^53';
  const costs = Object.values(finalCosts(row.provided_cost_details).cost_details);
  if (!costs.every((cost) => Math.abs(cost) <= HIGHEST_COST))
    return `Costs must not be above ${HIGHEST_COST}`;
  if ('promptVersion' in event.body && Math.abs(event.body.promptVersion ?? 0) > HIGHEST_PROMPT_VERSION) {
    return `promptVersion must not be above ${HIGHEST_PROMPT_VERSION}`;
  }
  const { start_time, end_time, completion_start_time } = row;
  return faultOfTimes([Date.parse(event.timestamp), start_time, end_time, completion_start_time]);
}

function faultOfTimes(times: readonly (number | undefined)[]): string | undefined {
  // Not a number fails the comparison, too.
  return times.every((time) => time === undefined || (time >= FIRST_TIME && time < LAST_TIME))
    ? undefined
    : 'A time is outside of the years 1900 to 2299';
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isWellFormed(item));
}

/** Postgres, which is asked about some of them, and S3 take no NUL; the content of an event may hold any. */
function namesHoldNul(body: object): boolean {
  return ['id', 'sessionId', 'model', 'promptName', 'configId'].some((name) => {
    const value: unknown = (body as Record<string, unknown>)[name];
    return typeof value === 'string' && value.includes('\0');
  });
}
