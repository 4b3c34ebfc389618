import type { EntityKind, IngestionEvent } from './events.ts';
import { type MergedMetadata, mergeMetadata } from './merge-metadata.ts';
import type { TimedEvent } from './merge-order.ts';
import { parseTime } from './time-text.ts';
import { type Amounts, costsOf, finalCosts, finalUsage, NO_AMOUNTS, usageOf } from './usage.ts';

/*
 * What Langfuse v3.36.0 stores when it merges events of one entity: `worker/src/services/IngestionService/index.ts`,
 * `utils.ts` beside it, and the body schemas in `packages/shared/src/server/ingestion/types.ts`. Per field an
 * absent value leaves what was there, null overwrites, and some fields are fixed by the event that was processed first.
 */

/** A time that is only known to lie between two others, both ends included. Milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** What a column must hold; how it is compared is the column's form in `stored-form.ts`. */
export type Expected =
  | string
  | number
  | boolean
  | null
  | TimeRange
  | readonly string[]
  | MergedMetadata
  | Amounts
  | readonly Prompt[]
  | typeof RANDOM_ID
  | typeof NOT_COMPARED;

/** A prompt that an observation names: `prompt_name` and `prompt_version` together. */
export type Prompt = readonly [name: string, version: number];

/** An observation without a `traceId` gets a random UUID each time it is processed. */
export const RANDOM_ID = Symbol('a random UUID');
/** Usage and cost of a model whose tokenizer and prices only the target knows. */
export const NOT_COMPARED = Symbol('not compared');

/** The columns that are compared, in the order in which {@link expectedRow} gives their values. */
export const COMPARED_COLUMNS = {
  trace: [
    ...(['timestamp', 'environment', 'name', 'user_id', 'session_id', 'release', 'version'] as const),
    ...(['public', 'tags', 'metadata', 'input', 'output'] as const),
  ],
  observation: [
    ...(['start_time', 'environment', 'trace_id', 'type', 'name', 'parent_observation_id'] as const),
    ...(['end_time', 'completion_start_time', 'level', 'status_message', 'version', 'metadata'] as const),
    ...(['input', 'output', 'provided_model_name', 'model_parameters', 'provided_usage_details'] as const),
    ...(['usage_details', 'provided_cost_details', 'cost_details', 'total_cost', 'prompt_name'] as const),
  ],
  score: [
    ...(['timestamp', 'environment', 'trace_id', 'observation_id', 'name', 'value'] as const),
    ...(['string_value', 'data_type', 'source', 'comment'] as const),
  ],
} as const satisfies Record<EntityKind, readonly string[]>;

/**
 * The row that events leave behind.
 *
 * @param inOrder the events in the order in which they are merged, at least one
 * @param first the event that fixed what the first one fixes: time, environment, and the trace an entity belongs to
 * @returns one value for each of the kind's {@link COMPARED_COLUMNS}
 */
export function expectedRow(kind: EntityKind, inOrder: readonly TimedEvent[], first: TimedEvent): Expected[] {
  if (kind === 'trace') return expectedTrace(inOrder, first);
  return kind === 'observation' ? expectedObservation(inOrder, first) : expectedScore(inOrder, first);
}

type Body = IngestionEvent['body'];

function expectedTrace(inOrder: readonly TimedEvent[], first: TimedEvent): Expected[] {
  const last = bodyOf(inOrder.at(-1) as TimedEvent);
  return [
    timeOf(first, first.event.body.timestamp),
    environmentOf(first.event),
    lastDefined(inOrder, 'name') ?? '',
    lastDefined(inOrder, 'userId'),
    lastDefined(inOrder, 'sessionId'),
    lastDefined(inOrder, 'release'),
    lastDefined(inOrder, 'version'),
    // Every trace event sets it, so one that says nothing resets it.
    (last.public as boolean | null | undefined) ?? false,
    tagsOf(inOrder),
    metadataOf(inOrder),
    contentOf(inOrder, 'input'),
    contentOf(inOrder, 'output'),
  ];
}

function expectedObservation(inOrder: readonly TimedEvent[], first: TimedEvent): Expected[] {
  let model: Expected | undefined;
  let modelParameters: string | undefined;
  let endTime: number | undefined;
  let completionStartTime: number | undefined;
  let usage = NO_AMOUNTS;
  let costs = NO_AMOUNTS;
  const prompts: Prompt[] = [];
  for (const { event } of inOrder) {
    const { body, type } = event;
    if (type !== 'event-create' && body.endTime) endTime = parseTime(body.endTime);
    if (type === 'event-create' || type === 'span-create' || type === 'span-update') continue;
    // An older form, which takes neither costs nor prompts.
    const legacy = type === 'observation-create' || type === 'observation-update';
    if (body.model !== undefined) model = body.model as string | null;
    if (body.modelParameters) modelParameters = JSON.stringify(body.modelParameters);
    if (body.completionStartTime) completionStartTime = parseTime(body.completionStartTime);
    usage = unlessEmpty(usageOf(body), usage);
    costs = unlessEmpty(costsOf(body, !legacy), costs);
    if (!legacy) addPrompt(prompts, body);
  }
  const startTime = timeOf(first, first.event.body.startTime);
  const finalUse = finalUsage(usage);
  const finalCost = finalCosts(costs);
  const priced = model && Object.keys(costs).length === 0;
  const tokenized = model && Object.keys(finalUse.provided).length === 0;
  return [
    startTime,
    environmentOf(first.event),
    traceIdOf(first.event),
    typeOf((inOrder.at(-1) as TimedEvent).event),
    lastDefined(inOrder, 'name') ?? '',
    lastGiven(inOrder, 'parentObservationId'),
    endTime && typeof startTime === 'number' && endTime < startTime ? startTime : (endTime ?? null),
    completionStartTime ?? null,
    lastDefined(inOrder, 'level') ?? 'DEFAULT',
    lastGiven(inOrder, 'statusMessage'),
    lastGiven(inOrder, 'version'),
    metadataOf(inOrder),
    contentOf(inOrder, 'input'),
    contentOf(inOrder, 'output'),
    model ?? null,
    modelParameters ?? null,
    finalUse.provided,
    tokenized ? NOT_COMPARED : finalUse.final,
    costs,
    priced ? NOT_COMPARED : finalCost.final,
    priced ? NOT_COMPARED : finalCost.total,
    prompts,
  ];
}

function expectedScore(inOrder: readonly TimedEvent[], first: TimedEvent): Expected[] {
  let value: number | null = null;
  let text: string | null = null;
  let dataType = '';
  for (const { event } of inOrder) {
    const { body } = event;
    if (typeof body.value === 'number') {
      value = body.value;
      dataType = body.dataType === 'BOOLEAN' ? 'BOOLEAN' : 'NUMERIC';
      if (dataType === 'BOOLEAN') text = value === 1 ? 'True' : 'False';
    } else {
      // The column is not nullable: ClickHouse makes the null of a category 0.
      value = 0;
      dataType = 'CATEGORICAL';
      text = (body.value as string | undefined) ?? null;
    }
  }
  const last = bodyOf(inOrder.at(-1) as TimedEvent);
  return [
    timeOf(first, undefined),
    environmentOf(first.event),
    first.event.body.traceId as string,
    lastDefined(inOrder, 'observationId'),
    last.name as string,
    value,
    text,
    dataType,
    (last.source as string | undefined) ?? 'API',
    lastDefined(inOrder, 'comment'),
  ];
}

function bodyOf({ event }: TimedEvent): Body {
  return event.body;
}

function timeOf(first: TimedEvent, given: unknown): number | TimeRange {
  if (given !== undefined && given !== null) return parseTime(given);
  return first.from === first.to ? first.from : { from: first.from, to: first.to };
}

function environmentOf({ type, body }: IngestionEvent): string {
  if (type === 'observation-create' || type === 'observation-update') return 'default';
  return (body.environment as string | undefined) ?? 'default';
}

function traceIdOf({ body }: IngestionEvent): string | typeof RANDOM_ID {
  if (body.traceId === '') return body.id as string;
  return (body.traceId as string | null | undefined) ?? RANDOM_ID;
}

function typeOf({ type, body }: IngestionEvent): string {
  if (type === 'event-create') return 'EVENT';
  if (type === 'span-create' || type === 'span-update') return 'SPAN';
  return type === 'generation-create' || type === 'generation-update' ? 'GENERATION' : (body.type as string);
}

/** Absent leaves what was there, null overwrites. */
function lastDefined(inOrder: readonly TimedEvent[], field: string): string | null {
  for (let at = inOrder.length - 1; at >= 0; at -= 1) {
    const value = bodyOf(inOrder[at] as TimedEvent)[field];
    if (value !== undefined) return value as string | null;
  }
  return null;
}

/** Absent and null both leave what was there. */
function lastGiven(inOrder: readonly TimedEvent[], field: string): string | null {
  for (let at = inOrder.length - 1; at >= 0; at -= 1) {
    const value = bodyOf(inOrder[at] as TimedEvent)[field];
    if (value !== undefined && value !== null) return value as string;
  }
  return null;
}

/** Input and output: the last value that is neither `0`, `false`, `''`, null nor absent, as text. */
function contentOf(inOrder: readonly TimedEvent[], field: 'input' | 'output'): string | null {
  for (let at = inOrder.length - 1; at >= 0; at -= 1) {
    const value = bodyOf(inOrder[at] as TimedEvent)[field];
    if (value) return typeof value === 'string' ? value : JSON.stringify(value);
  }
  return null;
}

const NO_TAGS: readonly string[] = [];

function tagsOf(inOrder: readonly TimedEvent[]): readonly string[] {
  let tags = NO_TAGS;
  for (const { event } of inOrder) {
    const own = event.body.tags as readonly string[] | null | undefined;
    if (own && own.length > 0) tags = tags.length === 0 ? own : [...tags, ...own];
  }
  return tags.length < 2 ? tags : [...new Set(tags)].sort();
}

function metadataOf(inOrder: readonly TimedEvent[]): MergedMetadata {
  return mergeMetadata(inOrder.map(({ event }) => event.body.metadata));
}

/** Amounts replace what was there as a whole, but only where there are any. */
function unlessEmpty(amounts: Amounts, before: Amounts): Amounts {
  for (const _ in amounts) return amounts;
  return before;
}

/** Both or neither is what the API takes; the version is a UInt16 and wraps. */
function addPrompt(prompts: Prompt[], { promptName, promptVersion }: Body): void {
  if (typeof promptName !== 'string' || typeof promptVersion !== 'number') return;
  prompts.push([promptName, promptVersion & 0xffff]);
}
