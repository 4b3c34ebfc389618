import type { EntityKind, EventType, IngestionEvent } from './events.ts';
import { type MergedMetadata, mergeMetadata } from './merge-metadata.ts';
import type { TimedEvent } from './merge-order.ts';
import { NOT_COMPARED } from './not-compared.ts';
import { parseTime } from './time-text.ts';
import { type Amounts, costsOf, finalCosts, finalUsage, NO_AMOUNTS, usageOf } from './usage.ts';

/*
 * What Langfuse v3.36.0 stores when it merges events of one entity: `worker/src/services/IngestionService/index.ts`,
 * `utils.ts` beside it, and the body schemas in `packages/shared/src/server/ingestion/types.ts`. Per field an
 * absent value leaves what was there, null overwrites, and some fields are fixed by the event that was processed first.
 */

/** How far the target's clock may be from the harness's. */
const CLOCK_TOLERANCE_MS = 60_000;

/** A time that is only known to lie between two others, both ends included. Milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A prompt that an observation names: `prompt_name` and `prompt_version` together. */
export type Prompt = readonly [name: string, version: number];

/** An observation without a `traceId` gets a random UUID each time it is processed. */
export const RANDOM_ID = Symbol('a random UUID');

type Text = string | null;

/** What the compared columns of a row of `traces` must hold. */
export interface ExpectedTrace {
  readonly kind: 'trace';
  readonly timestamp: number | TimeRange;
  readonly environment: string;
  readonly name: string;
  readonly user_id: Text;
  readonly session_id: Text;
  readonly release: Text;
  readonly version: Text;
  readonly public: boolean;
  readonly tags: readonly string[];
  readonly metadata: MergedMetadata;
  readonly input: Text;
  readonly output: Text;
}

/** What the compared columns of a row of `observations` must hold. */
export interface ExpectedObservation {
  readonly kind: 'observation';
  readonly start_time: number | TimeRange;
  readonly environment: string;
  readonly trace_id: string | typeof RANDOM_ID;
  readonly type: string;
  readonly name: string;
  readonly parent_observation_id: Text;
  readonly end_time: number | TimeRange | null;
  readonly completion_start_time: number | null;
  readonly level: string;
  readonly status_message: Text;
  readonly version: Text;
  readonly metadata: MergedMetadata;
  readonly input: Text;
  readonly output: Text;
  readonly provided_model_name: Text;
  readonly model_parameters: Text;
  readonly provided_usage_details: Amounts;
  readonly usage_details: Amounts | typeof NOT_COMPARED;
  readonly provided_cost_details: Amounts;
  readonly cost_details: Amounts | typeof NOT_COMPARED;
  readonly total_cost: number | null | typeof NOT_COMPARED;
  /** Any of these, or none: only the target knows which prompts exist. */
  readonly prompt_name: readonly Prompt[];
}

/** What the compared columns of a row of `scores` must hold. */
export interface ExpectedScore {
  readonly kind: 'score';
  readonly timestamp: number | TimeRange;
  readonly environment: string;
  readonly trace_id: string;
  readonly observation_id: Text;
  readonly name: string;
  readonly value: number;
  readonly string_value: Text;
  readonly data_type: string;
  readonly source: string;
  readonly comment: Text;
}

/** What the compared columns of a row must hold, under the columns' names. */
export type ExpectedRow = ExpectedTrace | ExpectedObservation | ExpectedScore;

/**
 * The row that events leave behind.
 *
 * @param inOrder the events in the order in which they are merged, at least one
 * @param first the event that fixed what the first one fixes: time, environment, and the trace an entity belongs to
 */
export function expectedRow(
  kind: EntityKind,
  inOrder: readonly TimedEvent[],
  first: TimedEvent,
): ExpectedRow {
  if (kind === 'trace') return expectedTrace(inOrder, first);
  return kind === 'observation' ? expectedObservation(inOrder, first) : expectedScore(inOrder, first);
}

type Body = IngestionEvent['body'];

function expectedTrace(inOrder: readonly TimedEvent[], first: TimedEvent): ExpectedTrace {
  let name: Text | undefined;
  let userId: Text | undefined;
  let sessionId: Text | undefined;
  let release: Text | undefined;
  let version: Text | undefined;
  let isPublic = false;
  for (let at = 0; at < inOrder.length; at += 1) {
    const body = bodyOf(inOrder[at] as TimedEvent) as Fields;
    if (body.name !== undefined) name = body.name;
    if (body.userId !== undefined) userId = body.userId;
    if (body.sessionId !== undefined) sessionId = body.sessionId;
    if (body.release !== undefined) release = body.release;
    if (body.version !== undefined) version = body.version;
    // Every trace event sets it, so one that says nothing resets it.
    isPublic = body.public ?? false;
  }
  return {
    kind: 'trace',
    timestamp: timeOf(first, first.event.body.timestamp),
    environment: environmentOf(first.event),
    name: name ?? '',
    user_id: userId ?? null,
    session_id: sessionId ?? null,
    release: release ?? null,
    version: version ?? null,
    public: isPublic,
    tags: tagsOf(inOrder),
    metadata: mergeMetadata(inOrder),
    input: contentOf(inOrder, 'input'),
    output: contentOf(inOrder, 'output'),
  };
}

function expectedObservation(inOrder: readonly TimedEvent[], first: TimedEvent): ExpectedObservation {
  let name: Text | undefined;
  let parent: Text | undefined;
  let level: Text | undefined;
  let statusMessage: Text | undefined;
  let version: Text | undefined;
  let model: Text | undefined;
  let modelParameters: unknown;
  let endTime: unknown;
  let completionStartTime: unknown;
  let usage = NO_AMOUNTS;
  let costs = NO_AMOUNTS;
  let prompts = NO_PROMPTS;
  for (let at = 0; at < inOrder.length; at += 1) {
    const { body, type } = (inOrder[at] as TimedEvent).event as { body: Fields; type: EventType };
    if (body.name !== undefined) name = body.name;
    if (body.level !== undefined) level = body.level;
    // A null leaves what was there, unlike a null name or level.
    parent = body.parentObservationId ?? parent;
    statusMessage = body.statusMessage ?? statusMessage;
    version = body.version ?? version;
    if (type === 'event-create') continue;
    if (body.endTime) endTime = body.endTime;
    if (type === 'span-create' || type === 'span-update') continue;
    // The older form, which takes neither costs nor prompts.
    const isOld = type === 'observation-create' || type === 'observation-update';
    if (body.model !== undefined) model = body.model;
    if (body.modelParameters) modelParameters = body.modelParameters;
    if (body.completionStartTime) completionStartTime = body.completionStartTime;
    usage = unlessEmpty(usageOf(body), usage);
    costs = unlessEmpty(costsOf(body, !isOld), costs);
    if (!isOld) prompts = withPrompt(prompts, body);
  }
  const startTime = timeOf(first, first.event.body.startTime);
  const end = endTime ? parseTime(endTime) : null;
  const { provided, final } = finalUsage(usage);
  const cost = finalCosts(costs);
  // Only the target knows whether it knows the model, and then what it counts and charges.
  const isPriced = model && isEmpty(costs);
  const isCounted = model && isEmpty(provided);
  return {
    kind: 'observation',
    start_time: startTime,
    environment: environmentOf(first.event),
    trace_id: traceIdOf(first.event),
    type: typeOf((inOrder[inOrder.length - 1] as TimedEvent).event),
    name: name ?? '',
    parent_observation_id: parent ?? null,
    end_time: end && typeof startTime === 'number' && end < startTime ? startTime : end,
    completion_start_time: completionStartTime ? parseTime(completionStartTime) : null,
    level: level ?? 'DEFAULT',
    status_message: statusMessage ?? null,
    version: version ?? null,
    metadata: mergeMetadata(inOrder),
    input: contentOf(inOrder, 'input'),
    output: contentOf(inOrder, 'output'),
    provided_model_name: model ?? null,
    model_parameters: modelParameters ? JSON.stringify(modelParameters) : null,
    provided_usage_details: provided,
    usage_details: isCounted ? NOT_COMPARED : final,
    provided_cost_details: costs,
    cost_details: isPriced ? NOT_COMPARED : cost.final,
    total_cost: isPriced ? NOT_COMPARED : cost.total,
    prompt_name: prompts,
  };
}

function expectedScore(inOrder: readonly TimedEvent[], first: TimedEvent): ExpectedScore {
  let value = 0;
  let text: Text = null;
  let dataType = '';
  let observationId: Text | undefined;
  let comment: Text | undefined;
  for (const { event } of inOrder) {
    const body = event.body as Fields;
    if (body.observationId !== undefined) observationId = body.observationId;
    if (body.comment !== undefined) comment = body.comment;
    if (typeof body.value === 'number') {
      value = body.value;
      dataType = body.dataType === 'BOOLEAN' ? 'BOOLEAN' : 'NUMERIC';
      // A number leaves the text of a category that was there.
      if (dataType === 'BOOLEAN') text = value === 1 ? 'True' : 'False';
    } else {
      // The column is not nullable: ClickHouse makes the null of a category 0.
      value = 0;
      dataType = 'CATEGORICAL';
      text = body.value as string;
    }
  }
  const last = bodyOf(inOrder[inOrder.length - 1] as TimedEvent);
  return {
    kind: 'score',
    timestamp: timeOf(first, undefined),
    environment: environmentOf(first.event),
    trace_id: first.event.body.traceId as string,
    observation_id: observationId ?? null,
    name: last.name as string,
    value,
    string_value: text,
    data_type: dataType,
    source: (last.source as string | undefined) ?? 'API',
    comment: comment ?? null,
  };
}

/** Fields of a body that the API has checked. */
interface Fields extends Readonly<Record<string, unknown>> {
  readonly name?: Text;
  readonly userId?: Text;
  readonly sessionId?: Text;
  readonly release?: Text;
  readonly version?: Text;
  readonly public?: boolean | null;
  readonly level?: Text;
  readonly parentObservationId?: Text;
  readonly statusMessage?: Text;
  readonly model?: Text;
  readonly observationId?: Text;
  readonly comment?: Text;
}

function bodyOf({ event }: TimedEvent): Body {
  return event.body;
}

function timeOf(first: TimedEvent, given: unknown): number | TimeRange {
  if (given !== undefined && given !== null) return parseTime(given);
  if (!first.envelopeByTarget) return first.from;
  return { from: first.from - CLOCK_TOLERANCE_MS, to: first.to + CLOCK_TOLERANCE_MS };
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

/** Input and output: the last value that is neither `0`, `false`, `''`, null nor absent, as text. */
function contentOf(inOrder: readonly TimedEvent[], field: 'input' | 'output'): string | null {
  for (let at = inOrder.length - 1; at >= 0; at -= 1) {
    const body = bodyOf(inOrder[at] as TimedEvent);
    const value = field === 'input' ? body.input : body.output;
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
  return tags.length < 2 || isStrictlySorted(tags) ? tags : [...new Set(tags)].sort();
}

function isStrictlySorted(texts: readonly string[]): boolean {
  for (let at = 1; at < texts.length; at += 1) {
    if ((texts[at - 1] as string) >= (texts[at] as string)) return false;
  }
  return true;
}

/** Amounts replace what was there as a whole, but only where there are any. */
function unlessEmpty(amounts: Amounts, before: Amounts): Amounts {
  return isEmpty(amounts) ? before : amounts;
}

function isEmpty(amounts: Amounts): boolean {
  for (const _ in amounts) return false;
  return true;
}

const NO_PROMPTS: readonly Prompt[] = [];

/** The API takes both or neither; the version is stored in 16 bits and wraps. */
function withPrompt(prompts: readonly Prompt[], { promptName, promptVersion }: Body): readonly Prompt[] {
  if (typeof promptName !== 'string' || typeof promptVersion !== 'number') return prompts;
  return [...prompts, [promptName, promptVersion & 0xffff]];
}
