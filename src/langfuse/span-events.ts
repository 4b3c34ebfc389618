import type { EntityKey, IngestionEvent } from './events.ts';
import { entityOf } from './events.ts';
import { eventsOfSpans, type SpanEvent } from './otel-events.ts';
import type { Profile, WriteMode } from './profile.ts';
import { convertedSpans } from './span-conversion.ts';
import { rowsOfSpans } from './span-rows.ts';

/**
 * What becomes of a span that is sent over OTLP:
 * - `web converts`: the web makes events of the ingestion API of it, as v3.36.0 does;
 * - `worker converts`: the worker does, from v3.113.0 on, for the tables of v3;
 * - `one row`: the worker writes one row of `events_full`, in v4 with its write mode `events_only`.
 */
export const SPAN_FORMS = ['web converts', 'worker converts', 'one row'] as const;
export type SpanForm = (typeof SPAN_FORMS)[number];

/** Which of them holds for a target. `dual` is judged by the tables of v3, where its rows come first. */
export function spanFormOf({ spans }: Pick<Profile, 'spans'>, writeMode: WriteMode | undefined): SpanForm {
  if (writeMode === 'events_only') return 'one row';
  return spans === 'events' ? 'web converts' : 'worker converts';
}

/** What Langfuse makes of the spans of a request, in their order; undefined for a body that is no OTLP/JSON. */
export function eventsOfExport(body: unknown, form: SpanForm): SpanEvent[] | undefined {
  if (form === 'web converts') return eventsOfSpans(body);
  return form === 'one row' ? rowsOfSpans(body) : convertedSpans(body);
}

/** The entities that a request carries: a batch, spans, or one score by itself. */
export function entitiesOfBody(body: unknown, form: SpanForm): EntityKey[] {
  return eventsOfBody(body, form).flatMap((event) => entityOf(event) ?? []);
}

/** The events of a request's body: a batch, spans, or one score by itself. */
export function eventsOfBody(
  body: unknown,
  form: SpanForm,
): readonly Pick<IngestionEvent, 'type' | 'body'>[] {
  const { batch } = body as { batch?: IngestionEvent[] };
  return (
    batch ?? eventsOfExport(body, form) ?? [{ type: 'score-create', body: body as IngestionEvent['body'] }]
  );
}
