import { randomUUID } from 'node:crypto';

/** Attributes of a span or a resource, as OTLP's JSON has them. */
type Attributes = Record<string, unknown>;
interface KeyValue {
  readonly key: string;
  readonly value: Record<string, unknown>;
}
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
/** One of `resourceSpans` of an OTLP/JSON request. */
export interface ResourceSpans {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
  readonly scopeSpans?: readonly { readonly scope?: unknown; readonly spans?: readonly Span[] }[];
}

/**
 * Turns spans into ingestion events as Langfuse 3.36.0 does (web/src/features/otel/server): each span an
 * observation, each root span a trace too. Of the attribute conventions only `gen_ai.*`, `langfuse.*` and
 * `input.value`/`output.value` are known here. Ids come out as the hex of the id's *text*, since Langfuse takes the
 * hex text of OTLP/JSON for bytes.
 */
export function toIngestionEvents({ resource, scopeSpans = [] }: ResourceSpans): unknown[] {
  const resourceAttributes = read(resource?.attributes);
  return scopeSpans.flatMap(({ scope, spans = [] }) =>
    spans.flatMap((span) => {
      const attributes = read(span.attributes);
      const common = {
        name: span.name,
        metadata: { attributes, resourceAttributes, scope },
        version: attributes['langfuse.version'] ?? resourceAttributes['service.version'] ?? null,
        environment: environmentOf(attributes, resourceAttributes),
        input: attributes['input.value'] ?? attributes['gen_ai.prompt'] ?? null,
        output: attributes['output.value'] ?? attributes['gen_ai.completion'] ?? null,
      };
      const observation = observationOf(span, attributes, common);
      return span.parentSpanId ? [observation] : [traceOf(span, attributes, common), observation];
    }),
  );
}

function traceOf(span: Span, attributes: Attributes, common: object): object {
  return envelope('trace-create', {
    ...common,
    id: hex(span.traceId),
    timestamp: toIso(span.startTimeUnixNano),
    release: attributes['langfuse.release'] ?? null,
    userId: textOf(attributes['langfuse.user.id'] ?? attributes['user.id']),
    sessionId: textOf(attributes['langfuse.session.id'] ?? attributes['session.id']),
    public: String(attributes['langfuse.public']) === 'true',
    tags: attributes['langfuse.tags'] ?? [],
  });
}

function observationOf(span: Span, attributes: Attributes, common: object): object {
  const model = textOf(attributes['gen_ai.request.model'] ?? attributes['gen_ai.response.model']);
  return envelope(model ? 'generation-create' : 'span-create', {
    ...common,
    id: hex(span.spanId),
    traceId: hex(span.traceId),
    parentObservationId: span.parentSpanId ? hex(span.parentSpanId) : null,
    startTime: toIso(span.startTimeUnixNano),
    endTime: toIso(span.endTimeUnixNano),
    level: span.status?.code === 2 ? 'ERROR' : 'DEFAULT',
    statusMessage: span.status?.message ?? null,
    model,
  });
}

const envelope = (type: string, body: object) => ({
  id: randomUUID(),
  type,
  timestamp: new Date().toISOString(),
  body,
});

const hex = (id: string) => Buffer.from(id).toString('hex');
const toIso = (nanos: string | number) => new Date(Number(nanos) / 1e6).toISOString();
const textOf = (value: unknown) =>
  value ? (typeof value === 'string' ? value : JSON.stringify(value)) : undefined;

function environmentOf(...places: readonly [Attributes, Attributes]): unknown {
  const [attributes, resourceAttributes] = places;
  for (const key of ['langfuse.environment', 'deployment.environment.name', 'deployment.environment']) {
    const found = resourceAttributes[key] || attributes[key];
    if (found) return found;
  }
  return 'default';
}

function read(attributes: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: Record<string, unknown>): unknown {
  const { stringValue, doubleValue, boolValue, intValue, arrayValue } = value;
  const plain = stringValue ?? doubleValue ?? boolValue;
  if (plain !== undefined) return plain;
  if (isArrayValue(arrayValue)) return arrayValue.values.map(plainValue);
  if (typeof intValue === 'number') return intValue;
  // The integers of OTLP/JSON are texts; Langfuse 3.36.0 makes NaN of them, and the event is refused.
  if (intValue) return Number.NaN;
  return JSON.stringify(value);
}

function isArrayValue(value: unknown): value is { values: Record<string, unknown>[] } {
  return typeof value === 'object' && value !== null && 'values' in value && Array.isArray(value.values);
}
