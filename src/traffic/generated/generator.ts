import { createHash } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { INGESTION_PATH } from '../../langfuse/endpoints.ts';
import type { IngestionEvent } from '../../langfuse/events.ts';
import { withMark } from '../../langfuse/mark.ts';
import type { GeneratedTraffic } from '../../scenario/scenario.ts';
import type { PlannedRequest, Traffic } from '../request.ts';
import { generateSpans } from './span-generator.ts';
import { mixStories } from './stories.ts';
import { tellShortStory, tellStory } from './story.ts';

/**
 * A request is ended when its body has this many characters, of at most three bytes each: with one event more it stays below the 4.5 MB that
 * Langfuse takes (`web/src/pages/api/public/ingestion.ts` at v3.36.0).
 */
export const MAX_BODY_LENGTH = 1_000_000;

/**
 * Synthetic traffic: traces of an LLM application with their observations and scores, exactly
 * `rate × duration` events (at least one), in requests of 1 to `maxBatch` events, most of them small. Its own time begins at
 * `startsAt`. The same seed gives the same bytes; another seed gives other ids.
 */
export function generateTraffic(traffic: GeneratedTraffic, random: Random): Traffic {
  const totalEvents = Math.max(1, Math.round(traffic.rate * traffic.duration));
  if (traffic.protocol === 'otlp') return generateSpans(traffic, random.fork('spans'), totalEvents);
  return {
    requests: requestsOf(traffic, random.fork('generated'), totalEvents),
    totalEvents,
    marks: totalEvents,
    durationMs: (totalEvents / traffic.rate) * 1000,
  };
}

function* requestsOf(
  traffic: GeneratedTraffic,
  random: Random,
  totalEvents: number,
): Generator<PlannedRequest> {
  const teller = { random, maxBytes: traffic.maxBytes, tag: tagOf(random) };
  const events = mixStories(random, traffic, totalEvents, {
    tell: (number, startedAt) => tellStory(teller, number, startedAt),
    tellShort: (number, startedAt) => tellShortStory(teller, number, startedAt),
  });
  let sent = 0;
  while (sent < totalEvents) {
    const size = Math.min(drawBatchSize(random, traffic.maxBatch), totalEvents - sent);
    const texts: string[] = [];
    const eventIds: string[] = [];
    let length = 0;
    while (texts.length < size && length < MAX_BODY_LENGTH) {
      const event = events.next().value as IngestionEvent;
      const text = JSON.stringify(withMark(event, sent + texts.length));
      texts.push(text);
      eventIds.push(event.id);
      length += text.length;
    }
    const at = (sent / traffic.rate) * 1000;
    yield { at, path: INGESTION_PATH, body: `{"batch":[${texts.join(',')}]}`, eventIds };
    sent += texts.length;
  }
}

/** Begins every id; no other seed has it. */
export function tagOf(random: Random): string {
  return createHash('sha256').update(random.seed).digest('hex').slice(0, 12);
}

/** Any size up to `largest`, small ones far more often: the logarithm is what is even. */
export function drawBatchSize(random: Random, largest: number): number {
  return Math.min(largest, Math.floor((largest + 1) ** random.float()));
}
