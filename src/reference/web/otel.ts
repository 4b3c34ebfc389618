import { randomUUID } from 'node:crypto';
import { contentsOf, type SpanEvent } from './otel-contents.ts';
import {
  type Attributes,
  type Id,
  type KeyValue,
  type Nanos,
  readAttributes,
  toHex,
  toIso,
} from './otlp-values.ts';

/** A span, from JSON or from protobuf. */
interface Span {
  readonly traceId: Id;
  readonly spanId: Id;
  readonly parentSpanId?: Id;
  readonly name?: string;
  readonly startTimeUnixNano: Nanos;
  readonly endTimeUnixNano: Nanos;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly SpanEvent[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
/** One of `resourceSpans` of an OTLP request. */
export interface ResourceSpans {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
  readonly scopeSpans?: readonly { readonly scope?: unknown; readonly spans?: readonly Span[] }[];
}

/** Attributes that say the same, the more specific first. */
const ENVIRONMENT = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];
const USER = ['langfuse.user.id', 'user.id'];
const SESSION = ['langfuse.session.id', 'session.id'];
const MODEL = ['gen_ai.request.model', 'gen_ai.response.model', 'llm.model_name', 'model'];
/** Langfuse's name of a kind of usage, by that of the attribute behind {@link USAGE}. */
const USAGE_KIND: Readonly<Record<string, string>> = {
  prompt_tokens: 'input',
  input_tokens: 'input',
  prompt: 'input',
  completion_tokens: 'output',
  output_tokens: 'output',
  completion: 'output',
  total_tokens: 'total',
};
const USAGE = /^(gen_ai\.usage\.|llm\.token_count)/;
const COST = 'gen_ai.usage.cost';

/**
 * Turns spans into ingestion events as Langfuse 3.36.0 does (web/src/features/otel/server): each span an observation, each root span
 * a trace too, with ids and times as `otlp-values.ts` tells. What does not fit an event's schema is refused by itself, like any event.
 */
export function toIngestionEvents({ resource, scopeSpans }: ResourceSpans): unknown[] {
  const resourceAttributes = readAttributes(resource?.attributes);
  return (scopeSpans ?? []).flatMap(({ scope, spans }) =>
    (spans ?? []).flatMap((span) => {
      const attributes = readAttributes(span.attributes);
      const common = {
        name: span.name,
        metadata: { attributes, resourceAttributes, scope },
        version: attributes['langfuse.version'] ?? resourceAttributes['service.version'] ?? null,
        environment: environmentOf(attributes, resourceAttributes),
        ...contentsOf(span.events ?? [], attributes),
      };
      const parent = span.parentSpanId ? toHex(span.parentSpanId) : null;
      const observation = observationOf(span, attributes, { ...common, parentObservationId: parent });
      return parent ? [observation] : [traceOf(span, attributes, common), observation];
    }),
  );
}

function traceOf(span: Span, attributes: Attributes, common: object): object {
  return envelope('trace-create', {
    ...common,
    id: toHex(span.traceId),
    timestamp: toIso(span.startTimeUnixNano),
    release: attributes['langfuse.release'] ?? null,
    userId: textOf(attributes, USER),
    sessionId: textOf(attributes, SESSION),
    public: attributes['langfuse.public'] === true || attributes['langfuse.public'] === 'true',
    tags: attributes['langfuse.tags'] ?? [],
  });
}

function observationOf(span: Span, attributes: Attributes, common: object): object {
  const model = textOf(attributes, MODEL);
  const isGeneration = model !== undefined || attributes['openinference.span.kind'] === 'LLM';
  const cost = attributes[COST];
  return envelope(isGeneration ? 'generation-create' : 'span-create', {
    ...common,
    id: toHex(span.spanId),
    traceId: toHex(span.traceId),
    startTime: toIso(span.startTimeUnixNano),
    endTime: toIso(span.endTimeUnixNano),
    level: span.status?.code === 2 ? 'ERROR' : 'DEFAULT',
    statusMessage: span.status?.message ?? null,
    model,
    modelParameters: modelParametersOf(attributes),
    promptName: attributes['langfuse.prompt.name'] ?? null,
    promptVersion: attributes['langfuse.prompt.version'] ?? null,
    usageDetails: usageOf(attributes),
    costDetails: cost ? { total: cost } : {},
  });
}

const envelope = (type: string, body: object) => ({
  id: randomUUID(),
  type,
  timestamp: new Date().toISOString(),
  body,
});

/** The first of some attributes that says anything, as text. */
function textOf(attributes: Attributes, keys: readonly string[]): string | undefined {
  const value = keys.map((key) => attributes[key]).find((found) => found);
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** For each name the resource is asked before the span. */
function environmentOf(attributes: Attributes, resourceAttributes: Attributes): unknown {
  const found = ENVIRONMENT.flatMap((key) => [resourceAttributes[key], attributes[key]]);
  return found.find((value) => value) ?? 'default';
}

/** OpenInference's as they are, or else all that was asked of the model, its name among them. */
function modelParametersOf(attributes: Attributes): unknown {
  const invocation = attributes['llm.invocation_parameters'];
  if (invocation) {
    try {
      return JSON.parse(String(invocation));
    } catch {
      // Then as if it were not there.
    }
  }
  const prefix = 'gen_ai.request.';
  const asked = Object.entries(attributes).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(asked.map(([key, value]) => [key.replace(prefix, ''), value]));
}

/** Counts of tokens; what is no number is left out. */
function usageOf(attributes: Attributes): Record<string, number> {
  const counts = Object.entries(attributes).flatMap(([key, value]): [string, number][] => {
    const count = Number(value);
    if (!USAGE.test(key) || key === COST || Number.isNaN(count)) return [];
    const kind = key.replace('gen_ai.usage.', '').replace('llm.token_count.', '');
    return [[USAGE_KIND[kind] ?? kind, count]];
  });
  return Object.fromEntries(counts);
}
