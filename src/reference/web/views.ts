import { fromClickHouseTime } from '../clickhouse.ts';

/** A row as ClickHouse gives it in JSON: times and 64-bit integers are texts. */
export type Row = Record<string, unknown>;

/** A trace in the public API's form. */
export function toTrace(row: Row) {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name ?? null,
    timestamp: time(row.timestamp),
    environment: row.environment,
    tags: row.tags,
    bookmarked: row.bookmarked,
    release: row.release ?? null,
    version: row.version ?? null,
    userId: row.user_id ?? null,
    sessionId: row.session_id ?? null,
    public: row.public,
    input: parsed(row.input),
    output: parsed(row.output),
    metadata: metadata(row.metadata),
    createdAt: time(row.created_at),
    updatedAt: time(row.updated_at),
    externalId: null,
  };
}

/** An observation in the public API's form; prices are null, since there are no models here. */
export function toObservation(row: Row) {
  const startTime = time(row.start_time);
  const endTime = timeOrNull(row.end_time);
  const completionStartTime = timeOrNull(row.completion_start_time);
  const usageDetails = numbers(row.usage_details);
  const costDetails = numbers(row.cost_details);
  const used = {
    input: sumOf(usageDetails, 'input') ?? 0,
    output: sumOf(usageDetails, 'output') ?? 0,
    total: usageDetails.total ?? 0,
  };
  return {
    id: row.id,
    projectId: row.project_id,
    traceId: row.trace_id ?? null,
    parentObservationId: row.parent_observation_id ?? null,
    name: row.name ?? null,
    type: row.type,
    environment: row.environment,
    startTime,
    endTime,
    version: row.version ?? null,
    createdAt: time(row.created_at),
    updatedAt: time(row.updated_at),
    input: parsed(row.input),
    output: parsed(row.output),
    metadata: metadata(row.metadata),
    level: row.level,
    statusMessage: row.status_message ?? null,
    model: row.provided_model_name ?? null,
    modelParameters: parsed(row.model_parameters),
    completionStartTime,
    promptId: row.prompt_id ?? null,
    promptName: row.prompt_name ?? null,
    promptVersion: row.prompt_version ?? null,
    usageDetails,
    costDetails,
    usage: { unit: 'TOKENS', ...used },
    unit: 'TOKENS',
    promptTokens: used.input,
    completionTokens: used.output,
    totalTokens: used.total,
    modelId: null,
    inputPrice: null,
    outputPrice: null,
    totalPrice: null,
    calculatedInputCost: sumOf(costDetails, 'input'),
    calculatedOutputCost: sumOf(costDetails, 'output'),
    calculatedTotalCost: costDetails.total || null,
    // Milliseconds here, but seconds in the latency of a trace, as in Langfuse.
    latency: endTime ? endTime.getTime() - startTime.getTime() : null,
    timeToFirstToken: completionStartTime
      ? (completionStartTime.getTime() - startTime.getTime()) / 1000
      : null,
  };
}

/** A score in the public API's form. */
export function toScore(row: Row) {
  return {
    id: row.id,
    timestamp: time(row.timestamp),
    projectId: row.project_id,
    environment: row.environment,
    traceId: row.trace_id,
    observationId: row.observation_id ?? null,
    name: row.name,
    value: row.value ?? null,
    source: row.source,
    comment: row.comment ?? null,
    authorUserId: row.author_user_id ?? null,
    configId: row.config_id ?? null,
    dataType: row.data_type,
    ...(row.string_value === null ? {} : { stringValue: row.string_value }),
    queueId: row.queue_id ?? null,
    createdAt: time(row.created_at),
    updatedAt: time(row.updated_at),
  };
}

const time = (value: unknown): Date => fromClickHouseTime(String(value));
const timeOrNull = (value: unknown): Date | null => (value ? time(value) : null);

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function metadata(value: unknown): Record<string, unknown> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, item]) => [key, item === '' ? '' : parsed(item)]));
}

function numbers(value: unknown): Record<string, number> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, item]) => [key, Number(item)]));
}

/** Sum of all details of one kind: `input`, `input_cached`, …; null if there are none. */
function sumOf(details: Record<string, number>, kind: 'input' | 'output'): number | null {
  const found = Object.entries(details).filter(([key]) => key.startsWith(kind));
  return found.length > 0 ? found.reduce((sum, [, value]) => sum + value, 0) : null;
}
