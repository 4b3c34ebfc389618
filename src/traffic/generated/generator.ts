import { createHash } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { INGESTION_PATH } from '../../langfuse/endpoints.ts';
import type { IngestionEvent } from '../../langfuse/events.ts';
import { withMark } from '../../langfuse/mark.ts';
import type { GeneratedTraffic } from '../../scenario/scenario.ts';
import { type PlannedRequest, type Traffic, VIRTUAL_START } from '../request.ts';
import { type StoryTeller, tellShortStory, tellStory } from './story.ts';

/** Traces that are told at the same time, so that their events mix and one entity's events fall into several requests. */
const OPEN_STORIES = 8;
/**
 * A request is ended when its body has this many characters, of at most three bytes each: with one event more it stays below the 4.5 MB that
 * Langfuse takes (`web/src/pages/api/public/ingestion.ts` at v3.36.0).
 */
const MAX_BODY_LENGTH = 1_000_000;

/**
 * Synthetic traffic: traces of an LLM application with their observations and scores, exactly
 * `rate × duration` events (at least one), in requests of 1 to `maxBatch` events, most of them small. Its own time begins at
 * `startsAt`. The same seed gives the same bytes; another seed gives other ids.
 */
export function generateTraffic(traffic: GeneratedTraffic, random: Random): Traffic {
  const totalEvents = Math.max(1, Math.round(traffic.rate * traffic.duration));
  return {
    requests: requestsOf(traffic, random.fork('generated'), totalEvents),
    totalEvents,
    durationMs: (totalEvents / traffic.rate) * 1000,
  };
}

function* requestsOf(
  traffic: GeneratedTraffic,
  random: Random,
  totalEvents: number,
): Generator<PlannedRequest> {
  const tag = createHash('sha256').update(random.seed).digest('hex').slice(0, 12);
  const events = eventsOf({ random, maxBytes: traffic.maxBytes, tag }, traffic, totalEvents);
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

/** Exactly `total` events; a story is begun only if it can be told to its end. */
function* eventsOf(
  teller: StoryTeller,
  { rate, startsAt }: GeneratedTraffic,
  total: number,
): Generator<IngestionEvent> {
  const { random } = teller;
  const start = startsAt === undefined ? VIRTUAL_START : Date.parse(startsAt);
  const open: IngestionEvent[][] = [];
  let stories = 0;
  let planned = 0;
  for (let sent = 0; sent < total; ) {
    while (open.length < OPEN_STORIES && planned < total) {
      const startedAt = start + Math.floor((sent / rate) * 1000);
      const story = tellStory(teller, stories, startedAt);
      const fits = story.length <= total - planned;
      const told = fits ? story : tellShortStory(teller, stories, startedAt);
      open.push(told.reverse());
      stories += 1;
      planned += told.length;
    }
    const index = random.int(0, open.length - 1);
    const story = open[index] as IngestionEvent[];
    for (let run = random.int(1, 4); run > 0 && story.length > 0; run -= 1) {
      yield story.pop() as IngestionEvent;
      sent += 1;
    }
    if (story.length === 0) open.splice(index, 1);
  }
}

/** Any size up to `largest`, small ones far more often: the logarithm is what is even. */
function drawBatchSize(random: Random, largest: number): number {
  return Math.min(largest, Math.floor((largest + 1) ** random.float()));
}
