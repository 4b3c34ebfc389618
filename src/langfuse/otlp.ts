import { z } from 'zod';

/*
 * OTLP/JSON as far as Langfuse reads it: `ExportTraceServiceRequest` of opentelemetry-proto 1.x in its JSON form, where ids are
 * hex texts and times are nanoseconds since the epoch.
 */

const anyValue = z.record(z.string(), z.unknown());
const keyValue = z.looseObject({ key: z.string(), value: anyValue });
const attributes = z.array(keyValue).nullish();
const nanoseconds = z.union([z.string().regex(/^\d+$/), z.number()]);

const span = z.looseObject({
  traceId: z.string().min(1),
  spanId: z.string().min(1),
  parentSpanId: z.string().nullish(),
  name: z.string(),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  events: z.array(z.looseObject({ name: z.string().nullish(), attributes })).nullish(),
  status: z.looseObject({ code: z.number().nullish(), message: z.string().nullish() }).nullish(),
});

const scope = z.looseObject({ name: z.string().nullish(), version: z.string().nullish(), attributes });

const exported = z.looseObject({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes }).nullish(),
      scopeSpans: z
        .array(z.looseObject({ scope: scope.nullish(), spans: z.array(span).nullish() }))
        .nullish(),
    }),
  ),
});

/** A value of an attribute: one of `stringValue`, `intValue`, `doubleValue`, `boolValue`, `arrayValue`, `kvlistValue`, `bytesValue`. */
export type AnyValue = Readonly<Record<string, unknown>>;

/** One attribute of a span, an event, a scope or a resource. */
export type KeyValue = z.infer<typeof keyValue>;
/** The body of an OTLP/JSON request. */
export type ExportedSpans = z.infer<typeof exported>;
/** One span of it. */
export type ExportedSpan = z.infer<typeof span>;
/** What instrumented it. */
export type ExportedScope = z.infer<typeof scope>;

/** A span with what it stands in. */
export interface SpanInPlace {
  readonly span: ExportedSpan;
  readonly scope: ExportedScope | undefined;
  readonly resourceAttributes: readonly KeyValue[];
}

/** The body of a request as OTLP/JSON; undefined when it is none, or has ids or times of a form that no exporter sends. */
export function parseExport(body: unknown): ExportedSpans | undefined {
  return exported.safeParse(body).data;
}

/** All spans of a request, in their order. */
export function spansOf({ resourceSpans }: ExportedSpans): SpanInPlace[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ scope: within, spans }) =>
      (spans ?? []).map((each) => ({
        span: each,
        scope: within ?? undefined,
        resourceAttributes: resource?.attributes ?? [],
      })),
    ),
  );
}
