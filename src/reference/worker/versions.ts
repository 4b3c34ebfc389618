import { randomUUID } from 'node:crypto';
import type { ObservationEvent, ScoreEvent, TraceEvent } from '../events.ts';
import { toRecord } from './merge.ts';
import type { ObservationRow, ScoreRow, TraceRow } from './rows.ts';

/** The entity that an event is turned into a version of. */
export interface Entity {
  readonly projectId: string;
  readonly id: string;
}

/** A prompt of Postgres that an observation names. */
export interface Prompt {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

/** What a trace would be if this event were its only one. `public` and `bookmarked` are reset by each event. */
export function traceVersion(event: TraceEvent, entity: Entity): TraceRow {
  const { body } = event;
  return {
    ...common(event, entity),
    timestamp: Date.parse(body.timestamp ?? event.timestamp),
    name: body.name,
    user_id: body.userId,
    metadata: toRecord(body.metadata),
    release: body.release,
    version: body.version,
    environment: body.environment,
    public: body.public ?? false,
    bookmarked: false,
    tags: body.tags ?? [],
    session_id: body.sessionId,
  };
}

/** What a score would be if this event were its only one. @throws Error if value and data type don't fit */
export function scoreVersion(event: ScoreEvent, entity: Entity): ScoreRow {
  const { body } = event;
  const typed = typedValue(body.value, body.dataType);
  if (!typed) {
    throw new Error(
      'Ingested score value type not valid against provided data type. Provide numeric values for numeric and boolean scores, and string values for categorical scores.',
    );
  }
  return {
    ...common(event, entity),
    timestamp: Date.parse(event.timestamp),
    environment: body.environment,
    trace_id: body.traceId,
    observation_id: body.observationId,
    name: body.name,
    source: body.source,
    comment: body.comment,
    ...typed,
  };
}

/**
 * What an observation would be if this event were its only one. Without a `traceId` it gets a random one at each
 * processing; a null of some fields overwrites and of others does not, as there.
 */
export function observationVersion(
  event: ObservationEvent,
  entity: Entity,
  prompt: Prompt | null,
): ObservationRow {
  const { body } = event;
  const usage = usageOf(event);
  const costs = costsOf(event);
  const model = 'model' in body ? body : undefined;
  return {
    ...common(event, entity),
    trace_id: body.traceId ?? randomUUID(),
    type: observationType(event),
    name: body.name,
    environment: 'environment' in body ? body.environment : 'default',
    start_time: Date.parse(body.startTime ?? event.timestamp),
    end_time: 'endTime' in body && body.endTime ? Date.parse(body.endTime) : undefined,
    completion_start_time:
      'completionStartTime' in body && body.completionStartTime
        ? Date.parse(body.completionStartTime)
        : undefined,
    metadata: toRecord(body.metadata),
    provided_model_name: model?.model,
    model_parameters:
      'modelParameters' in body && body.modelParameters ? JSON.stringify(body.modelParameters) : undefined,
    provided_usage_details: usage,
    usage_details: usage,
    provided_cost_details: costs,
    cost_details: costs,
    level: body.level,
    status_message: body.statusMessage ?? undefined,
    parent_observation_id: body.parentObservationId ?? undefined,
    version: body.version ?? undefined,
    prompt_id: prompt?.id,
    prompt_name: prompt?.name,
    prompt_version: prompt?.version,
  };
}

/** The type of observation that an event makes. */
export function observationType(event: ObservationEvent): ObservationRow['type'] {
  switch (event.type) {
    case 'event-create':
      return 'EVENT';
    case 'span-create':
    case 'span-update':
      return 'SPAN';
    case 'generation-create':
    case 'generation-update':
      return 'GENERATION';
    default:
      return event.body.type;
  }
}

function common(event: { timestamp: string }, entity: Entity) {
  return {
    id: entity.id,
    project_id: entity.projectId,
    created_at: Date.now(),
    updated_at: Date.now(),
    event_ts: Date.parse(event.timestamp),
    is_deleted: 0,
  };
}

/** `usage` in the old form, under `usageDetails`; a total is added where only the old form gives input and output. */
function usageOf({ body }: ObservationEvent): Record<string, number> {
  if (!('usage' in body || 'usageDetails' in body)) return {};
  const details = present(body.usageDetails ?? {});
  const { input, output, total } = body.usage ?? {};
  const derived = input && output ? input + output : (input ?? output);
  const hasDetails = Object.keys(body.usageDetails ?? {}).length > 0;
  return { ...present({ input, output, total: total || (hasDetails ? undefined : derived) }), ...details };
}

function costsOf({ body }: ObservationEvent): Record<string, number> {
  if (!('usage' in body || 'costDetails' in body)) return {};
  const { inputCost, outputCost, totalCost } = body.usage ?? {};
  return {
    ...present({ input: inputCost, output: outputCost, total: totalCost }),
    ...present(body.costDetails ?? {}),
  };
}

function present(amounts: Record<string, number | null | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(amounts).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

function typedValue(
  value: string | number,
  dataType: ScoreRow['data_type'] | undefined,
): Pick<ScoreRow, 'value' | 'string_value' | 'data_type'> | undefined {
  if (typeof value === 'string') {
    if (dataType && dataType !== 'CATEGORICAL') return undefined;
    return { value: null, string_value: value, data_type: 'CATEGORICAL' };
  }
  if (dataType === 'CATEGORICAL') return undefined;
  if (dataType !== 'BOOLEAN') return { value, string_value: undefined, data_type: 'NUMERIC' };
  if (value !== 0 && value !== 1) return undefined;
  return { value, string_value: value === 1 ? 'True' : 'False', data_type: 'BOOLEAN' };
}
