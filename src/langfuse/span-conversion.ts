import type { SpanEvent } from './otel-events.ts';
import { parseExport, type SpanInPlace, spansOf } from './otlp.ts';
import {
  environmentOf,
  nameOf,
  readAttributes,
  timeOf,
  traceFieldsOf,
  updatesTrace,
} from './span-attributes.ts';
import { contentOfSpan, keptAttributes, metadataOf } from './span-content.ts';
import { rowOfSpan } from './span-rows.ts';

/*
 * What the worker makes of spans for the tables of v3, from v3.113.0 on (`processToIngestionEvents` in
 * `packages/shared/src/server/otel/OtelIngestionProcessor.ts`, read at v4.16.0): an observation of each, under the ids as they were sent. Into the trace go
 * the root span, every span that says something of its trace, and one more where the trace was not seen for a while. So each span is held to be
 * a part of its trace here; what of that is compared: `expected-span-trace.ts`.
 */

/** The events of a request, in their order; undefined for a body that is no OTLP/JSON. */
export function convertedSpans(body: unknown): SpanEvent[] | undefined {
  const exported = parseExport(body);
  return exported && spansOf(exported).flatMap((place) => [traceOf(place), observationOf(place)]);
}

function traceOf(place: SpanInPlace): SpanEvent {
  const { span, resourceAttributes } = place;
  const attributes = readAttributes(span.attributes);
  const resource = readAttributes(resourceAttributes);
  const isRoot = !span.parentSpanId || String(attributes['langfuse.internal.as_root']) === 'true';
  const isUpdate = updatesTrace(attributes);
  return {
    // That of the trace is the value of its mark, which only a span without a parent carries.
    id: span.parentSpanId ? `${span.traceId}/${span.spanId}` : span.traceId,
    type: 'otel-trace',
    body: {
      id: span.traceId,
      timestamp: timeOf(span.startTimeUnixNano),
      environment: environmentOf(attributes, resource),
      ...((isRoot || isUpdate) && { says: true, ...traceFieldsOf(attributes, resource) }),
      ...(isUpdate && {
        input: attributes['langfuse.trace.input'],
        output: attributes['langfuse.trace.output'],
      }),
      ...(isRoot && { isRoot: true, ...ofRoot(place) }),
    },
  };
}

/** What only a root says of its trace. */
function ofRoot({ span, scope, resourceAttributes }: SpanInPlace): object {
  const attributes = readAttributes(span.attributes);
  const resource = readAttributes(resourceAttributes);
  return {
    traceName: attributes['langfuse.trace.name'] ?? nameOf(span.name, attributes),
    ...contentOfSpan(attributes, span.events?.length ?? 0, 'trace'),
    metadata: {
      ...metadataOf(resource, 'trace'),
      ...metadataOf(attributes, 'trace'),
      ...metadataOf(attributes, 'observation'),
      ...ofInstrumentation({ span, scope, resourceAttributes }),
    },
  };
}

/** What metadata holds of every span, besides that which it was given. */
function ofInstrumentation({ span, scope, resourceAttributes }: SpanInPlace): object {
  const isOfSdk = scope?.name?.startsWith('langfuse-sdk') ?? false;
  return {
    ...(isOfSdk ? {} : { attributes: keptAttributes(readAttributes(span.attributes)) }),
    resourceAttributes: readAttributes(resourceAttributes),
    scope: { ...scope, attributes: readAttributes(scope?.attributes) },
  };
}

function observationOf(place: SpanInPlace): SpanEvent {
  const { id, body } = rowOfSpan(place);
  const metadata = {
    ...metadataOf(readAttributes(place.resourceAttributes), 'trace'),
    ...metadataOf(readAttributes(place.span.attributes), 'observation'),
    ...ofInstrumentation(place),
  };
  return { id, type: 'otel-observation', body: { ...body, metadata } };
}
