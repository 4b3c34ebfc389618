import type { SpanEvent } from './otel-events.ts';
import { parseExport, type SpanInPlace, spansOf } from './otlp.ts';
import { readAttributes, traceFieldsOf } from './span-attributes.ts';
import { keptAttributes, metadataOf } from './span-content.ts';
import { rowOfSpan } from './span-rows.ts';

/*
 * What the worker makes of spans for the tables of v3, from v3.113.0 on (`processToIngestionEvents` in
 * `packages/shared/src/server/otel/OtelIngestionProcessor.ts`, read at v4.16.0): an observation of each, under the ids as they were sent. Into the trace go
 * the root span, every span that says something of its trace, and one more where the trace was not seen for a while. So each span is held to be
 * a part of its trace here, and only what the root says is compared.
 */

/** The events of a request, in their order; undefined for a body that is no OTLP/JSON. */
export function convertedSpans(body: unknown): SpanEvent[] | undefined {
  const exported = parseExport(body);
  return exported && spansOf(exported).flatMap((place) => [traceOf(place), observationOf(place)]);
}

function traceOf({ span, resourceAttributes }: SpanInPlace): SpanEvent {
  const attributes = readAttributes(span.attributes);
  const fields = traceFieldsOf(attributes, readAttributes(resourceAttributes));
  const { userId, sessionId, release, version, traceName } = fields;
  const isRoot = !span.parentSpanId;
  return {
    // That of the trace is the value of its mark, which only the root carries.
    id: isRoot ? span.traceId : `${span.traceId}/${span.spanId}`,
    type: 'otel-trace',
    body: {
      id: span.traceId,
      ...(isRoot && {
        ...{ isRoot, userId, sessionId, release, version },
        name: traceName ?? span.name,
        metadata: metadataOf(attributes, 'trace'),
      }),
    },
  };
}

function observationOf(place: SpanInPlace): SpanEvent {
  const { span, scope, resourceAttributes } = place;
  const attributes = readAttributes(span.attributes);
  const resource = readAttributes(resourceAttributes);
  const { id, body } = rowOfSpan(place);
  const isOfSdk = scope?.name?.startsWith('langfuse-sdk') ?? false;
  const metadata = {
    ...metadataOf(resource, 'trace'),
    ...metadataOf(attributes, 'observation'),
    ...(isOfSdk ? {} : { attributes: keptAttributes(attributes) }),
    resourceAttributes: resource,
    scope: { ...scope, attributes: readAttributes(scope?.attributes) },
  };
  return { id, type: 'otel-observation', body: { ...body, metadata } };
}
