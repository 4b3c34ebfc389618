import type { IngestionEvent } from './events.ts';
import type { Prompt } from './expected-row.ts';
import { type ExpectedTraceColumns, traceColumnsOf } from './expected-span-trace.ts';
import { MergedMetadata } from './merge-metadata.ts';
import { NOT_COMPARED } from './not-compared.ts';
import { UNKNOWN } from './span-attributes.ts';
import { flattened, mayHoldTools } from './span-content.ts';
import { wholeAmounts } from './span-model.ts';
import { contentOf, type Text, textOf } from './span-text.ts';
import { parseTime } from './time-text.ts';
import { type Amounts, finalCosts, finalUsage } from './usage.ts';

/**
 * What the compared columns of a row of `events_full` must hold (`createEventRecord` in `worker/src/services/IngestionService/index.ts` at
 * v4.16.0, tables 0039 and 0042). Empty texts count as absent, since none of its text columns is nullable; times are whole milliseconds.
 *
 * Not compared: what the target alone knows (`prompt_id`, `model_id`, pricing tier, `blob_storage_file_path`, `event_bytes`, `ingestion_*`, times of
 * processing, `bookmarked`), what repeats the metadata (`service_*`, `scope_*`, `telemetry_sdk_*`, `source`), and `total_cost`, which ClickHouse makes
 * of `cost_details`. Usage that was not provided, and costs where only a model was, are the target's own.
 *
 * Nor `tool_*` and `experiment_*`: `tool_*` is what Langfuse recognizes as tools in input, output and metadata by the conventions of many frameworks,
 * which change with its releases; `experiment_*` comes from attributes that only the SDKs' experiment runner sends, which no traffic here
 * does. So a recording with either passes though these columns are wrong.
 *
 * `events_core`, with shortened texts, is not read: a materialized view fills it from what is inserted into `events_full` (tables 0040 and 0041). So
 * rows that are lost there alone, for example while the view is away, go unseen.
 */
export interface SpanColumns {
  readonly start_time: number;
  readonly end_time: number;
  readonly completion_start_time: number | null | typeof NOT_COMPARED;
  readonly environment: string;
  readonly trace_id: string;
  readonly parent_observation_id: string | null;
  readonly type: Text;
  readonly name: Text;
  readonly level: Text;
  readonly status_message: Text;
  readonly version: Text;
  readonly release: Text;
  readonly trace_name: Text;
  readonly user_id: Text;
  readonly session_id: Text;
  readonly tags: readonly string[];
  readonly public: boolean;
  readonly is_app_root: boolean;
  readonly metadata: MergedMetadata | typeof NOT_COMPARED;
  readonly input: Text;
  readonly output: Text;
  readonly provided_model_name: Text;
  readonly model_parameters: Text;
  readonly provided_usage_details: Amounts | typeof NOT_COMPARED;
  readonly usage_details: Amounts | typeof NOT_COMPARED;
  readonly provided_cost_details: Amounts | typeof NOT_COMPARED;
  readonly cost_details: Amounts | typeof NOT_COMPARED;
  /** In `observations` these, or none: only the target knows which prompts exist. */
  readonly prompt_name: Text | readonly Prompt[];
  readonly prompt_version: number | null | typeof NOT_COMPARED;
}

/** What a row must hold that was made of a span by a version that knows OTLP's attributes; columns that are absent are not compared. */
export interface ExpectedSpan {
  readonly kind: 'span';
  /** Whether the row is one of `events_full`. */
  readonly inEvents: boolean;
  readonly columns: Readonly<Partial<SpanColumns>> | ExpectedTraceColumns;
}

/** What the row of an entity must hold that spans were made into: events of the types `otel-…`, at least one. */
export function expectedOfSpans(events: readonly Pick<IngestionEvent, 'type' | 'body'>[]): ExpectedSpan {
  const [first] = events as readonly [Pick<IngestionEvent, 'type' | 'body'>];
  if (first.type === 'otel-trace')
    return { kind: 'span', inEvents: false, columns: traceColumnsOf(events.map(({ body }) => body)) };
  // Only a trace has several, since a span is never merged.
  return expectedSpan(first);
}

/** The row that a span leaves behind, of the event that `span-rows.ts` or `span-conversion.ts` makes of it. */
function expectedSpan({ type, body }: Pick<IngestionEvent, 'type' | 'body'>): ExpectedSpan {
  const columns = columnsOf(body);
  if (type === 'otel-span') return { kind: 'span', inEvents: true, columns };
  return { kind: 'span', inEvents: false, columns: ofObservation(columns, body) };
}

/** Of what `observations` can hold: a span or an event has no model, and an event no end. */
function ofObservation(
  columns: SpanColumns,
  { type, metadata, promptName, promptVersion }: IngestionEvent['body'],
): Partial<SpanColumns> {
  const { start_time, environment, trace_id, parent_observation_id, name, level, status_message } = columns;
  const common: Partial<SpanColumns> = {
    ...{ start_time, environment, trace_id, parent_observation_id, name, level, status_message },
    ...{ type: columns.type, version: columns.version, input: columns.input, output: columns.output },
    metadata:
      columns.metadata === NOT_COMPARED ? NOT_COMPARED : topLevel(metadata as Record<string, unknown>),
    prompt_name: promptName === UNKNOWN ? NOT_COMPARED : promptsOf(promptName, promptVersion),
  };
  if (type === 'EVENT' || typeof type !== 'string') return common;
  if (type === 'SPAN') return { ...common, end_time: columns.end_time };
  const { end_time, completion_start_time, provided_model_name, model_parameters } = columns;
  const { provided_usage_details, usage_details, provided_cost_details, cost_details } = columns;
  return {
    ...common,
    ...{ end_time, completion_start_time, provided_model_name, model_parameters },
    ...{ provided_usage_details, usage_details, provided_cost_details, cost_details },
  };
}

/** What v3 looks a prompt up by: it needs both. */
function promptsOf(name: unknown, given: unknown): readonly Prompt[] {
  const version = versionOf(given);
  return typeof name === 'string' && typeof version === 'number' ? [[name, version]] : [];
}

/** Metadata of v3: each value as text. */
function topLevel(metadata: Readonly<Record<string, unknown>>): MergedMetadata {
  return new MergedMetadata(Object.keys(metadata), Object.values(metadata));
}

function columnsOf(body: IngestionEvent['body']): SpanColumns {
  const metadata = body.metadata as Readonly<Record<string, unknown>>;
  return {
    start_time: parseTime(body.startTime),
    end_time: parseTime(body.endTime),
    completion_start_time: timeOf(body.completionStartTime),
    environment: body.environment as string,
    trace_id: body.traceId as string,
    parent_observation_id: body.parentObservationId as string | null,
    type: textOf(body.type),
    name: textOf(body.name),
    level: textOf(body.level),
    status_message: textOf(body.statusMessage),
    version: textOf(body.version),
    release: textOf(body.release),
    trace_name: textOf(body.traceName),
    user_id: textOf(body.userId),
    session_id: textOf(body.sessionId),
    tags: body.tags as readonly string[],
    public: body.isPublic === true,
    is_app_root: body.isAppRoot as boolean,
    metadata: mayHoldTools(metadata) ? NOT_COMPARED : storedMetadata(metadata),
    input: contentOf(body.input),
    output: contentOf(body.output),
    provided_model_name: textOf(body.model),
    model_parameters: body.modelParameters === UNKNOWN ? NOT_COMPARED : JSON.stringify(body.modelParameters),
    ...amountsOf(body),
    prompt_name: textOf(body.promptName),
    prompt_version: versionOf(body.promptVersion),
  };
}

/** Of a name that comes twice the later value counts. */
function storedMetadata(metadata: Readonly<Record<string, unknown>>): MergedMetadata {
  const pairs = new Map(flattened(metadata));
  return new MergedMetadata([...pairs.keys()], [...pairs.values()]);
}

type StoredAmounts = Pick<
  SpanColumns,
  'provided_usage_details' | 'usage_details' | 'provided_cost_details' | 'cost_details'
>;

function amountsOf({ usageDetails, costDetails, model }: IngestionEvent['body']): StoredAmounts {
  const provided =
    usageDetails === UNKNOWN ? undefined : wholeAmounts(usageDetails as Record<string, unknown>);
  const costs = costDetails as Readonly<Record<string, unknown>>;
  const areNumbers = Object.values(costs).every((cost) => typeof cost === 'number');
  const isCosted = Object.keys(costs).length > 0;
  const isCounted = provided !== undefined && Object.keys(provided).length > 0;
  // Only the target knows whether it knows the model, and then what it counts and charges.
  const hasModel = model !== null;
  return {
    provided_usage_details: provided ?? NOT_COMPARED,
    // Where only costs were given, v3.225.4 counts tokens of its own, v4.16.0 does not.
    usage_details: provided && (isCounted || !hasModel) ? finalUsage(provided).final : NOT_COMPARED,
    provided_cost_details: areNumbers ? (costs as Amounts) : NOT_COMPARED,
    cost_details: areNumbers && (isCosted || !hasModel) ? finalCosts(costs as Amounts).final : NOT_COMPARED,
  };
}

function timeOf(value: unknown): number | null | typeof NOT_COMPARED {
  if (value === UNKNOWN) return NOT_COMPARED;
  return value === null ? null : parseTime(value);
}

function versionOf(value: unknown): number | null | typeof NOT_COMPARED {
  if (value === UNKNOWN) return NOT_COMPARED;
  const version = Number.parseInt(String(value), 10);
  return version >= 0 && version <= 65_535 ? version : null;
}
