import type { Random } from '../../base/random.ts';
import { INGESTION_PATH, SPANS_PATH } from '../../langfuse/endpoints.ts';
import { withMark, withSpanMarks } from '../../langfuse/mark.ts';
import type { ExportedSpan, ExportedSpans } from '../../langfuse/otlp.ts';
import type { GeneratedTraffic } from '../../scenario/scenario.ts';
import type { PlannedRequest, Traffic } from '../request.ts';
import { drawBatchSize, MAX_BODY_LENGTH, tagOf } from './generator.ts';
import { type ScopeName, type SpanStoryItem, tellShortSpanStory, tellSpanStory } from './span-story.ts';
import { mixStories } from './stories.ts';

/** How often a request with spans is sent once more, as an exporter does that got no answer in time. */
const SENT_AGAIN = 0.04;
/** Requests that may come between the two. */
const MOST_BETWEEN = 4;

const SCOPE_VERSIONS: Readonly<Record<ScopeName, string>> = {
  'langfuse-sdk': '5.11.1',
  'opentelemetry.instrumentation.llm': '0.9.2',
  'openinference.instrumentation': '1.4.0',
};

/**
 * Synthetic traffic over OTLP: traces of an LLM application as spans, with scores by the ingestion API. Exactly `totalEvents` spans and
 * scores; some requests with spans come a second time on top, byte for byte the same.
 *
 * @param random a fork of its own
 */
export function generateSpans(traffic: GeneratedTraffic, random: Random, totalEvents: number): Traffic {
  return {
    requests: requestsOf(traffic, random, totalEvents),
    totalEvents,
    // A root span has two: its own and that of the trace.
    marks: 2 * totalEvents,
    durationMs: (totalEvents / traffic.rate) * 1000,
  };
}

function* requestsOf(
  traffic: GeneratedTraffic,
  random: Random,
  totalEvents: number,
): Generator<PlannedRequest> {
  const teller = { random, maxBytes: traffic.maxBytes, tag: tagOf(random) };
  const items = mixStories(random, traffic, totalEvents, {
    tell: (number, startedAt) => tellSpanStory(teller, number, startedAt),
    tellShort: (_number, startedAt) => tellShortSpanStory(teller, startedAt),
  });
  const again: { readonly request: PlannedRequest; after: number }[] = [];
  for (let sent = 0; sent < totalEvents; ) {
    const at = (sent / traffic.rate) * 1000;
    const size = Math.min(drawBatchSize(random, traffic.maxBatch), totalEvents - sent);
    const batch = takeBatch(items, size, sent);
    sent += batch.length;
    const spans = spansRequest(at, batch);
    const scores = scoresRequest(at, batch);
    if (spans) yield spans;
    if (scores) yield scores;
    for (const waiting of again.splice(0)) {
      waiting.after -= 1;
      if (waiting.after > 0) again.push(waiting);
      else yield { ...waiting.request, at };
    }
    if (spans && random.chance(SENT_AGAIN))
      again.push({ request: spans, after: random.int(1, MOST_BETWEEN) });
  }
  for (const { request } of again) yield { ...request, at: (totalEvents / traffic.rate) * 1000 };
}

/** The next items with their marks, at most `size` of them and as many as fit into one body. */
function takeBatch(items: Iterator<SpanStoryItem>, size: number, before: number): SpanStoryItem[] {
  const batch: SpanStoryItem[] = [];
  let length = 0;
  while (batch.length < size && length < MAX_BODY_LENGTH) {
    const mark = 2 * (before + batch.length);
    const item = marked(items.next().value as SpanStoryItem, mark);
    batch.push(item);
    length += JSON.stringify(item).length;
  }
  return batch;
}

function marked(item: SpanStoryItem, mark: number): SpanStoryItem {
  if ('score' in item) return { score: withMark(item.score, mark) };
  const traceMark = item.span.parentSpanId === undefined ? mark + 1 : undefined;
  return { ...item, span: withSpanMarks(item.span, mark, traceMark) };
}

function spansRequest(at: number, batch: readonly SpanStoryItem[]): PlannedRequest | undefined {
  const byScope = new Map<ScopeName, ExportedSpan[]>();
  for (const item of batch) {
    if (!('span' in item)) continue;
    const spans = byScope.get(item.scope) ?? [];
    byScope.set(item.scope, spans);
    spans.push(item.span);
  }
  if (byScope.size === 0) return undefined;
  const scopeSpans = [...byScope].map(([name, spans]) => ({
    scope: { name, version: SCOPE_VERSIONS[name] },
    spans,
  }));
  const body: ExportedSpans = { resourceSpans: [{ resource: RESOURCE, scopeSpans }] };
  const eventIds = scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId));
  return { at, path: SPANS_PATH, body: JSON.stringify(body), eventIds };
}

const RESOURCE = {
  attributes: Object.entries({
    'service.name': 'support-bot',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': '2.11.0',
  }).map(([key, value]) => ({ key, value: { stringValue: value } })),
};

function scoresRequest(at: number, batch: readonly SpanStoryItem[]): PlannedRequest | undefined {
  const scores = batch.flatMap((item) => ('score' in item ? [item.score] : []));
  if (scores.length === 0) return undefined;
  return {
    at,
    path: INGESTION_PATH,
    body: JSON.stringify({ batch: scores }),
    eventIds: scores.map(({ id }) => id),
  };
}
