import type { EntityKind, IngestionEvent } from '../../langfuse/events.ts';

/*
 * Langfuse's merging as it is written there, record by record, for tests: slow and obvious, and written without a
 * look at the checker's own rules. It knows the fields that the tests' events have.
 */

type Fields = Record<string, unknown>;

const FIXED: Readonly<Record<EntityKind, readonly string[]>> = {
  trace: ['timestamp', 'environment'],
  observation: ['start_time', 'environment', 'trace_id'],
  score: ['timestamp', 'environment', 'trace_id'],
};

/** The row after one processing: the stored one, if any, then each event in this order laid over what came before. */
export function process(
  kind: EntityKind,
  stored: Fields | undefined,
  events: readonly IngestionEvent[],
): Fields {
  let merged: Fields = stored ?? {};
  for (const event of events) merged = layOver(merged, recordOf(kind, event), FIXED[kind]);
  const row: Fields = { ...merged };
  if (kind !== 'score') {
    row.input = lastTruthy(events, 'input') ?? stored?.input;
    row.output = lastTruthy(events, 'output') ?? stored?.output;
    row.metadata = Object.fromEntries(
      Object.entries((merged.metadata ?? {}) as Fields).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  }
  if (kind === 'observation') {
    row.level ??= 'DEFAULT';
    const end = row.end_time as number | undefined;
    if (end && end < (row.start_time as number)) row.end_time = row.start_time;
  }
  return row;
}

function recordOf(kind: EntityKind, event: IngestionEvent): Fields {
  const { body, timestamp, type } = event;
  const time = (given: unknown) => Date.parse((given ?? timestamp) as string);
  const metadata = metadataOf(body.metadata);
  const environment = body.environment ?? 'default';
  if (kind === 'trace') {
    return {
      timestamp: time(body.timestamp),
      environment,
      name: body.name,
      user_id: body.userId,
      public: body.public ?? false,
      tags: body.tags ?? [],
      metadata,
    };
  }
  if (kind === 'score') {
    const isText = typeof body.value === 'string';
    return {
      timestamp: time(undefined),
      environment,
      trace_id: body.traceId,
      observation_id: body.observationId,
      name: body.name,
      value: isText ? null : body.value,
      string_value: isText ? body.value : undefined,
      data_type: isText ? 'CATEGORICAL' : 'NUMERIC',
      source: 'API',
      comment: body.comment,
    };
  }
  return {
    start_time: time(body.startTime),
    environment,
    trace_id: body.traceId,
    type: type.startsWith('span') ? 'SPAN' : 'GENERATION',
    name: body.name,
    level: body.level,
    status_message: body.statusMessage ?? undefined,
    end_time: body.endTime ? time(body.endTime) : undefined,
    provided_usage_details: type.startsWith('generation') ? (body.usageDetails ?? {}) : {},
    metadata,
  };
}

function metadataOf(metadata: unknown): unknown {
  if (!metadata) return {};
  if (typeof metadata === 'string' || typeof metadata === 'number') return { metadata: `${metadata}` };
  if (Array.isArray(metadata)) return { metadata: JSON.stringify(metadata) };
  return metadata;
}

function layOver(below: Fields, over: Fields, fixed: readonly string[]): Fields {
  const result: Fields = { ...below };
  for (const key of Object.keys(over)) {
    const value = over[key];
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (value === undefined) continue;
    if (result[key] !== undefined && (fixed.includes(key) || isEmpty)) continue;
    result[key] = value;
  }
  if ('metadata' in over) result.metadata = deepMerge(below.metadata, over.metadata);
  if ('tags' in over) {
    result.tags = [...new Set([...((below.tags ?? []) as string[]), ...(over.tags as string[])])].sort();
  }
  return result;
}

function deepMerge(below: unknown, over: unknown): unknown {
  if (Array.isArray(over)) {
    const base = Array.isArray(below) ? [...below] : [];
    for (const [index, item] of over.entries()) base[index] = deepMerge(base[index], item);
    return base;
  }
  if (typeof over !== 'object' || over === null) return over;
  // lodash leaves an array that an object is laid over; no key of the tests' objects is an index.
  if (Array.isArray(below)) return below;
  const base: Fields = typeof below === 'object' && below !== null ? { ...below } : {};
  for (const [key, item] of Object.entries(over)) base[key] = deepMerge(base[key], item);
  return base;
}

function lastTruthy(events: readonly IngestionEvent[], field: string): string | undefined {
  const value = events.map(({ body }) => body[field]).findLast(Boolean);
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
