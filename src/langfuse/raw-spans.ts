import { messageOf } from '../base/errors.ts';
import type { EntityKey } from './events.ts';
import { marksOfKeys } from './mark.ts';

/** What one span, or the trace that is made of a root span, leaves in ClickHouse. */
export interface SpanTrack {
  readonly entity: EntityKey;
  /** The span's or the trace's id, as hex: what stands for the id of an event. */
  readonly id: string;
  /** Numbers of the marks that it carries. */
  readonly marks: readonly number[];
}

/** What an object of spans holds, or why it can't be told: gone since it was listed, or no spans. */
export type SpansContent =
  | { readonly key: string; readonly tracks: readonly SpanTrack[] }
  | { readonly key: string; readonly problem: 'missing' | 'corrupt'; readonly text: string };

/** An id as it stands in an object: text, or the bytes of protobuf as Node writes a buffer to JSON. */
type RawId = string | { readonly data?: readonly number[] };

interface RawSpan {
  readonly traceId: RawId;
  readonly spanId: RawId;
  readonly parentSpanId?: RawId | null;
  readonly attributes?: readonly { readonly key: string }[] | null;
}

/**
 * What the spans of an object lead to. The web stores the `resourceSpans` of a request as they came
 * (`publishToOtelIngestionQueue` in `packages/shared/src/server/otel/OtelIngestionProcessor.ts`, v3.108.0 to v4.16.0).
 */
export function parseRawSpans(key: string, text: string): SpansContent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { key, problem: 'corrupt', text: `not JSON: ${messageOf(error)}` };
  }
  const spans = Array.isArray(parsed) ? parsed.flatMap(spansOfResource) : [undefined];
  return spans.every(isSpan)
    ? { key, tracks: spans.flatMap(tracksOf) }
    : { key, problem: 'corrupt', text: 'JSON, but not a list of resource spans' };
}

function spansOfResource(resource: { scopeSpans?: { spans?: unknown[] | null }[] | null } | null): unknown[] {
  return resource?.scopeSpans?.flatMap((scope) => scope?.spans ?? []) ?? [];
}

function isSpan(value: unknown): value is RawSpan {
  const span = value as Partial<RawSpan> | null | undefined;
  return isId(span?.traceId) && isId(span?.spanId);
}

function isId(value: unknown): value is RawId {
  return typeof value === 'string' || Array.isArray((value as { data?: unknown } | null | undefined)?.data);
}

function tracksOf({ traceId, spanId, parentSpanId, attributes }: RawSpan): SpanTrack[] {
  const keys = (attributes ?? []).map(({ key }) => key);
  const span = hexOf(spanId);
  const track: SpanTrack = {
    entity: `observation/${span}`,
    id: span,
    marks: marksOfKeys(keys, 'observation'),
  };
  if (parentSpanId && hexOf(parentSpanId) !== '') return [track];
  const trace = hexOf(traceId);
  return [track, { entity: `trace/${trace}`, id: trace, marks: marksOfKeys(keys, 'trace') }];
}

function hexOf(id: RawId): string {
  return typeof id === 'string' ? id : Buffer.from(id.data ?? []).toString('hex');
}
