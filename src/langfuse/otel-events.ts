import type { EventType, IngestionEvent } from './events.ts';
import { type Attributes, contentOf } from './otel-content-v3.ts';
import { type AnyValue, type KeyValue, parseExport, type SpanInPlace, spansOf } from './otlp.ts';

/*
 * What Langfuse v3.36.0 makes of spans that are sent over OTLP/JSON (`web/src/features/otel/server/index.ts`): each becomes an
 * observation, and one without a parent a trace too; all attributes stay together in metadata. Ids are the hex of the id's *text*. The
 * events then go the way of those of the ingestion API, which refuses what its schemas don't allow.
 */

/** What an event is made of; Langfuse gives its envelope an id and a time that nobody is told. */
export interface SpanEvent extends Pick<IngestionEvent, 'type' | 'body'> {
  /** The span's id, or the trace's, as it was sent: the value of its mark. */
  readonly id: string;
}

/** The events that v3.36.0 makes of a request, in their order; undefined for a body that is no OTLP/JSON. */
export function eventsOfSpans(body: unknown): SpanEvent[] | undefined {
  const exported = parseExport(body);
  return exported && spansOf(exported).flatMap(eventsOfSpan);
}

function eventsOfSpan({ span, scope, resourceAttributes: resource }: SpanInPlace): SpanEvent[] {
  const attributes = read(span.attributes ?? []);
  const resourceAttributes = read(resource);
  const common = {
    name: span.name,
    metadata: { attributes, resourceAttributes, ...(scope && { scope }) },
    version: attributes['langfuse.version'] ?? resourceAttributes['service.version'] ?? null,
    environment: environmentOf(attributes, resourceAttributes),
    ...contentOf(span.events ?? [], attributes, read),
  };
  const startTime = timeOf(span.startTimeUnixNano);
  const observation: SpanEvent = {
    id: span.spanId,
    type: isGeneration(attributes) ? 'generation-create' : 'span-create',
    body: {
      ...common,
      id: idOfText(span.spanId),
      traceId: idOfText(span.traceId),
      parentObservationId: span.parentSpanId ? idOfText(span.parentSpanId) : null,
      startTime,
      endTime: timeOf(span.endTimeUnixNano),
      level: span.status?.code === 2 ? 'ERROR' : 'DEFAULT',
      statusMessage: span.status?.message ?? null,
      ...(isGeneration(attributes) && modelFields(attributes)),
    },
  };
  return span.parentSpanId
    ? [observation]
    : [traceOf(span.traceId, startTime, attributes, common), observation];
}

function traceOf(traceId: string, timestamp: string, attributes: Attributes, common: object): SpanEvent {
  const type: EventType = 'trace-create';
  const body = {
    ...common,
    id: idOfText(traceId),
    timestamp,
    release: attributes['langfuse.release'] ?? null,
    userId: firstText(attributes, ['langfuse.user.id', 'user.id']),
    sessionId: firstText(attributes, ['langfuse.session.id', 'session.id']),
    public: attributes['langfuse.public'] === true || attributes['langfuse.public'] === 'true',
    tags: attributes['langfuse.tags'] ?? [],
  };
  return { id: traceId, type, body };
}

const MODEL_KEYS = ['gen_ai.request.model', 'gen_ai.response.model', 'llm.model_name', 'model'];

function isGeneration(attributes: Attributes): boolean {
  return MODEL_KEYS.some((key) => attributes[key]) || attributes['openinference.span.kind'] === 'LLM';
}

/** A plain span's event has these as well; the schema of its type drops them. */
function modelFields(attributes: Attributes): object {
  const cost = attributes['gen_ai.usage.cost'];
  return {
    model: firstText(attributes, MODEL_KEYS),
    modelParameters: modelParametersOf(attributes),
    promptName: attributes['langfuse.prompt.name'] ?? null,
    promptVersion: attributes['langfuse.prompt.version'] ?? null,
    usageDetails: usageOf(attributes),
    costDetails: cost ? { total: cost } : {},
  };
}

function modelParametersOf(attributes: Attributes): unknown {
  const given = attributes['llm.invocation_parameters'];
  if (given) {
    try {
      return JSON.parse(given as string);
    } catch {
      // Then those of the other convention count.
    }
  }
  const prefix = 'gen_ai.request.';
  const named = Object.entries(attributes).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(named.map(([key, value]) => [key.replace(prefix, ''), value]));
}

const USAGE_NAMES: Readonly<Record<string, string>> = {
  prompt_tokens: 'input',
  completion_tokens: 'output',
  total_tokens: 'total',
  input_tokens: 'input',
  output_tokens: 'output',
  prompt: 'input',
  completion: 'output',
};

function usageOf(attributes: Attributes): Record<string, number> {
  const usage: Record<string, number> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const isUsage = key.startsWith('gen_ai.usage.') && key !== 'gen_ai.usage.cost';
    if (!isUsage && !key.startsWith('llm.token_count')) continue;
    const kind = key.replace('gen_ai.usage.', '').replace('llm.token_count.', '');
    const amount = Number(value);
    if (!Number.isNaN(amount))
      usage[Object.hasOwn(USAGE_NAMES, kind) ? (USAGE_NAMES[kind] as string) : kind] = amount;
  }
  return usage;
}

const ENVIRONMENT_KEYS = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];

function environmentOf(attributes: Attributes, resourceAttributes: Attributes): unknown {
  for (const key of ENVIRONMENT_KEYS) {
    const found = resourceAttributes[key] || attributes[key];
    if (found) return found;
  }
  return 'default';
}

/** The first of these attributes that has a value, as text. */
function firstText(attributes: Attributes, keys: readonly string[]): string | undefined {
  const found = keys.map((key) => attributes[key]).find(Boolean);
  if (found === undefined) return undefined;
  return typeof found === 'string' ? found : JSON.stringify(found);
}

function read(attributes: readonly KeyValue[]): Attributes {
  const values: Record<string, unknown> = {};
  for (const { key, value } of attributes) values[key] = plainValue(value);
  return values;
}

/**
 * An attribute's value as v3.36.0 reads it. An integer as text, which is what OTLP/JSON prescribes, becomes NaN, and with that in its
 * metadata the event is refused; a 0, and what it does not know, becomes JSON.
 */
function plainValue(value: AnyValue): unknown {
  const { stringValue, doubleValue, boolValue, intValue, arrayValue } = value;
  for (const plain of [stringValue, doubleValue, boolValue]) if (plain !== undefined) return plain;
  const values = (arrayValue as { readonly values?: readonly AnyValue[] } | undefined)?.values;
  if (values !== undefined) return values.map(plainValue);
  if (typeof intValue === 'number' && intValue !== 0) return intValue;
  return intValue ? Number.NaN : JSON.stringify(value);
}

const idOfText = (id: string) => Buffer.from(id).toString('hex');
const timeOf = (nanos: string | number) => new Date(Number(nanos) / 1e6).toISOString();
