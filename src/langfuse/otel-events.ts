import { z } from 'zod';
import type { EventType, IngestionEvent } from './events.ts';

/*
 * What Langfuse v3.36.0 makes of spans that are sent over OTLP/JSON (`web/src/features/otel/server/index.ts`), for the one shape that
 * the harness sends itself: root spans without attributes. Each becomes a trace and a span. The ids of both are the hex of the id's
 * *text*. Nothing of a span can carry a mark: metadata has the keys `attributes`, `resourceAttributes` and `scope`.
 */

const nanoseconds = z.string().regex(/^\d+$/);
const span = z.strictObject({
  traceId: z.string().min(1),
  spanId: z.string().min(1),
  name: z.string(),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
});
const scopeSpans = z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(span) });
const exported = z.strictObject({
  resourceSpans: z.array(z.strictObject({ scopeSpans: z.array(scopeSpans) })),
});

/** The body of an OTLP/JSON request, as far as the harness sends it. */
export type ExportedSpans = z.infer<typeof exported>;

/** What an event is made of; Langfuse gives its envelope an id and a time that nobody is told. */
export type SpanEvent = Pick<IngestionEvent, 'type' | 'body'>;

/** The events that Langfuse makes of a request, in their order; undefined for a body of another shape. */
export function eventsOfSpans(body: unknown): SpanEvent[] | undefined {
  const { data } = exported.safeParse(body);
  return data?.resourceSpans.flatMap((resource) =>
    resource.scopeSpans.flatMap(({ scope, spans }) => spans.flatMap((each) => eventsOfSpan(each, scope))),
  );
}

function eventsOfSpan(sent: z.infer<typeof span>, scope: object): [SpanEvent, SpanEvent] {
  const traceId = idOfText(sent.traceId);
  const common = {
    name: sent.name,
    metadata: { attributes: {}, resourceAttributes: {}, scope },
    version: null,
    environment: 'default',
    input: null,
    output: null,
  };
  const event = (type: EventType, body: object): SpanEvent => ({ type, body: { ...common, ...body } });
  const startTime = timeOf(sent.startTimeUnixNano);
  return [
    event('trace-create', { id: traceId, timestamp: startTime, release: null, public: false, tags: [] }),
    event('span-create', {
      id: idOfText(sent.spanId),
      traceId,
      parentObservationId: null,
      startTime,
      endTime: timeOf(sent.endTimeUnixNano),
      level: 'DEFAULT',
      statusMessage: null,
    }),
  ];
}

const idOfText = (id: string) => Buffer.from(id).toString('hex');
const timeOf = (nanos: string) => new Date(Number(nanos) / 1e6).toISOString();
