import type { Random } from '../../base/random.ts';
import type { EventType, IngestionEvent } from '../../langfuse/events.ts';
import {
  type Body,
  makeAnswer,
  makeContent,
  makeLevel,
  makeMetadata,
  makePrompt,
  makeUsage,
} from './content.ts';
import { makeText } from './text.ts';

/** What a story is told from. */
export interface StoryTeller {
  readonly random: Random;
  /** Largest input or output, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Begins every id; no other seed has it. */
  readonly tag: string;
}

/** Names of models, tags and steps that stories use. */
export const MODELS = [
  'gpt-4o-mini',
  'gpt-4o',
  'claude-3-5-sonnet-20241022',
  'house-llm-7b',
  'text-embedding-3-small',
];
export const TAGS = ['beta', 'eu-west', 'mobile', 'größe:L', '客服', 'rag', 'vip', '🔥'];
export const STEPS = ['retrieve', 'rerank', 'plan', 'answer', 'check answer', 'call tool', 'résumé', '要約'];

/** How often an update is sent before the create of its entity. */
const OUT_OF_ORDER = 0.08;

/**
 * One trace with all that belongs to it: spans and generations within each other, their updates, events, scores, and the
 * update of the trace itself, in the order in which it is sent. Their timestamps rise in the order in which things
 * happened, which is not always that of sending.
 *
 * @param number how many stories came before; part of its ids
 * @param startedAt virtual time of its first event, in milliseconds since the epoch
 */
export function tellStory(teller: StoryTeller, number: number, startedAt: number): IngestionEvent[] {
  const story = new Story(teller, number, startedAt);
  story.trace(`${teller.tag}-session-${Math.floor(number / 3).toString(36)}`);
  return story.shuffled();
}

/** The shortest story: one trace, one event. */
export function tellShortStory(teller: StoryTeller, number: number, startedAt: number): IngestionEvent[] {
  const story = new Story(teller, number, startedAt);
  story.bareTrace();
  return story.events;
}

class Story {
  readonly events: IngestionEvent[] = [];
  private readonly teller: StoryTeller;
  private readonly random: Random;
  private readonly traceId: string;
  private readonly environment: string | undefined;
  private ids = 0;
  private now: number;

  constructor(teller: StoryTeller, number: number, startedAt: number) {
    this.teller = teller;
    this.random = teller.random;
    this.now = startedAt;
    this.traceId = `${teller.tag}-${number.toString(36)}`;
    this.environment = this.random.pick([undefined, 'production', 'staging', 'eu_test-1']);
  }

  bareTrace(): void {
    this.add('trace-create', {
      id: this.traceId,
      timestamp: this.time(),
      name: 'ping',
      input: makeContent(this.random, this.teller.maxBytes),
    });
  }

  trace(sessionId: string): void {
    const { random } = this;
    this.add('trace-create', {
      id: this.traceId,
      timestamp: this.time(),
      name: random.pick(['support chat', 'nightly summary', 'agent ‹run›', '聊天']),
      userId: `user-${random.int(1, 50)}`,
      ...(random.chance(0.7) && { sessionId }),
      input: makeContent(this.random, this.teller.maxBytes),
      metadata: makeMetadata(this.random),
      tags: [random.pick(TAGS), random.pick(TAGS)],
      ...(random.chance(0.3) && { release: 'v2.14.0', version: `${random.int(1, 9)}` }),
      ...(random.chance(0.1) && { public: true }),
    });
    for (let steps = random.int(0, 4); steps > 0; steps -= 1) this.step(undefined, 0);
    if (random.chance(0.6)) {
      this.add('trace-create', {
        id: this.traceId,
        output: makeContent(this.random, this.teller.maxBytes),
        ...(random.chance(0.5) && { tags: [random.pick(TAGS)], metadata: makeMetadata(this.random) }),
      });
    }
    if (random.chance(0.4)) this.score(undefined);
  }

  /** Moves some updates before the create of their entity. */
  shuffled(): IngestionEvent[] {
    const sent: IngestionEvent[] = [];
    const createdAt = new Map<unknown, number>();
    for (const event of this.events) {
      const created = createdAt.get(event.body.id);
      if (created === undefined) {
        createdAt.set(event.body.id, sent.length);
        sent.push(event);
      } else if (this.random.chance(OUT_OF_ORDER)) {
        sent.splice(created, 0, event);
        for (const [id, position] of createdAt) if (position >= created) createdAt.set(id, position + 1);
      } else {
        sent.push(event);
      }
    }
    return sent;
  }

  private step(parent: string | undefined, depth: number): void {
    const kind = this.random.int(0, 9);
    if (kind < 4) this.generation(parent);
    else if (kind < 8) this.span(parent, depth);
    else this.point(parent);
  }

  private span(parent: string | undefined, depth: number): void {
    const { random } = this;
    const id = this.newId('s');
    this.add('span-create', {
      ...this.observation(id, parent),
      input: makeContent(this.random, this.teller.maxBytes),
      metadata: makeMetadata(this.random),
    });
    if (depth < 3) for (let inner = random.int(0, 2); inner > 0; inner -= 1) this.step(id, depth + 1);
    if (random.chance(0.2))
      this.add('span-update', { ...this.update(id), metadata: makeMetadata(this.random) });
    this.add('span-update', {
      ...this.update(id),
      endTime: this.time(),
      output: makeContent(this.random, this.teller.maxBytes),
      ...makeLevel(this.random),
    });
    if (random.chance(0.1)) this.score(id);
  }

  private generation(parent: string | undefined): void {
    const { random } = this;
    const id = this.newId('g');
    const whole = random.chance(0.3);
    const end = () => ({
      endTime: this.time(),
      output: makeAnswer(random, this.teller.maxBytes),
      ...makeUsage(random),
      ...makeLevel(this.random),
    });
    this.add('generation-create', {
      ...this.observation(id, parent),
      model: random.pick(MODELS),
      modelParameters: { temperature: 0.2, max_tokens: 1024, stream: true, stop: ['\n\n', 'END'] },
      input: makePrompt(random, this.teller.maxBytes),
      metadata: makeMetadata(this.random),
      ...(whole && end()),
    });
    if (whole) return;
    if (random.chance(0.5)) {
      this.add('generation-update', { ...this.update(id), completionStartTime: this.time() });
    }
    this.add('generation-update', { ...this.update(id), ...end() });
    if (random.chance(0.2)) this.score(id);
  }

  private point(parent: string | undefined): void {
    const body = this.observation(this.newId('e'), parent);
    this.add('event-create', {
      ...body,
      input: makeContent(this.random, this.teller.maxBytes),
      metadata: makeMetadata(this.random),
      ...makeLevel(this.random),
    });
  }

  /** A score, and now and then its correction under the same id. Name and type stay: the name is part of its key. */
  private score(observationId: string | undefined): void {
    const { random } = this;
    const form = random.pick(['NUMERIC', 'CATEGORICAL', 'BOOLEAN', undefined] as const);
    const value = () => {
      if (form === 'CATEGORICAL') return random.pick(['good', 'bad', 'très bien', '普通']);
      if (form === 'BOOLEAN') return random.int(0, 1);
      return random.int(0, 100) / 4;
    };
    const body = {
      id: this.newId('c'),
      traceId: this.traceId,
      ...(observationId !== undefined && { observationId }),
      name: random.pick(['helpfulness', 'tone', 'grounded', 'süß?']),
      ...(form !== undefined && { dataType: form }),
    };
    this.add('score-create', { ...body, value: value(), comment: makeText(random, 120) });
    if (random.chance(0.15))
      this.add('score-create', { ...body, value: value(), comment: makeText(random, 120) });
  }

  private observation(id: string, parent: string | undefined): Body {
    return {
      id,
      traceId: this.traceId,
      ...(parent !== undefined && { parentObservationId: parent }),
      name: this.random.pick(STEPS),
      startTime: this.time(),
      ...(this.random.chance(0.1) && { version: `${this.random.int(1, 9)}` }),
    };
  }

  /** An update names its trace too: without it Langfuse 3.36.0 makes up a new one each time it processes it alone. */
  private update(id: string): Body {
    return { id, traceId: this.traceId };
  }

  /** An id within the story; its letter tells what it is for, its beginning which trace it belongs to. */
  private newId(kind: 's' | 'g' | 'e' | 'c' | 'v'): string {
    this.ids += 1;
    return `${this.traceId}-${kind}${this.ids.toString(36)}`;
  }

  private time(): string {
    return new Date(this.now).toISOString();
  }

  /** Every event gets a millisecond of its own within the story, so that the order of merging is never open. */
  private add(type: EventType, body: Body): void {
    this.now += this.random.int(1, 40);
    const environment = this.environment === undefined ? {} : { environment: this.environment };
    this.events.push({
      id: this.newId('v'),
      timestamp: this.time(),
      type,
      body: { ...body, ...environment },
    });
  }
}
