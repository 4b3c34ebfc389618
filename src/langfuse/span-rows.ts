import type { SpanEvent } from './otel-events.ts';
import { parseExport, type SpanInPlace, spansOf } from './otlp.ts';
import {
  environmentOf,
  isTrue,
  levelOf,
  nameOf,
  readAttributes,
  timeOf,
  traceFieldsOf,
  typeOf,
  UNKNOWN,
} from './span-attributes.ts';
import { contentOfSpan, keptAttributes, mayHoldTools, metadataOf } from './span-content.ts';
import {
  completionStartOf,
  costDetailsOf,
  modelOf,
  modelParametersOf,
  usageDetailsOf,
} from './span-model.ts';

/*
 * What Langfuse v4.16.0 makes of spans that it writes straight to `events_full` (write mode `events_only`): one row each, with what is said of
 * the trace on it (`processToEvent` in `packages/shared/src/server/otel/OtelIngestionProcessor.ts`). There is no row for the trace itself.
 */

/** The events of a request, one for each span, in their order; undefined for a body that is no OTLP/JSON. */
export function rowsOfSpans(body: unknown): SpanEvent[] | undefined {
  const exported = parseExport(body);
  return exported && spansOf(exported).map(rowOfSpan);
}

/** What is made of one span: all that its row can be told of. */
export function rowOfSpan({ span, scope, resourceAttributes }: SpanInPlace): SpanEvent {
  const attributes = readAttributes(span.attributes);
  const resource = readAttributes(resourceAttributes);
  const scopeName = scope?.name ?? '';
  const type = typeOf(attributes, resource, scopeName);
  const metadata = {
    ...(scopeName.startsWith('langfuse-sdk') ? {} : { attributes: keptAttributes(attributes) }),
    resourceAttributes: resource,
    scope: { ...scope, attributes: readAttributes(scope?.attributes) },
    ...metadataOf(attributes, 'observation'),
    ...metadataOf(attributes, 'trace'),
  };
  const { input, output } = contentOfSpan(attributes, span.events?.length ?? 0);
  return {
    id: span.spanId,
    type: 'otel-span',
    body: {
      id: span.spanId,
      traceId: span.traceId,
      parentObservationId: span.parentSpanId || null,
      name: nameOf(span.name, attributes),
      type,
      environment: environmentOf(attributes, resource),
      startTime: timeOf(span.startTimeUnixNano),
      endTime: timeOf(span.endTimeUnixNano),
      completionStartTime: completionStartOf(attributes),
      level: scopeName === 'livekit-agents' ? UNKNOWN : levelOf(attributes, span),
      statusMessage: attributes['langfuse.observation.status_message'] ?? span.status?.message ?? null,
      ...promptOf(attributes, type),
      model: modelOf(attributes),
      modelParameters: modelParametersOf(attributes, scopeName),
      usageDetails: usageDetailsOf(attributes, scopeName),
      costDetails: costDetailsOf(attributes),
      ...traceFieldsOf(attributes, resource),
      isAppRoot: isTrue(attributes['langfuse.internal.is_app_root']),
      metadata,
      input: mayHoldTools(metadata) ? UNKNOWN : input,
      output,
    },
  };
}

/** Only generations have one. */
function promptOf(attributes: Readonly<Record<string, unknown>>, type: string | typeof UNKNOWN): object {
  const [name, version] = ['name', 'version'].map(
    (part) => attributes[`langfuse.observation.prompt.${part}`] ?? attributes[`langfuse.prompt.${part}`],
  );
  if (type === UNKNOWN || attributes['ai.telemetry.metadata.langfusePrompt'] !== undefined)
    return { promptName: UNKNOWN, promptVersion: UNKNOWN };
  if (type !== 'GENERATION') return { promptName: null, promptVersion: null };
  return { promptName: name ?? null, promptVersion: version ?? null };
}
