import type { Random } from '../../base/random.ts';
import type { IngestionEvent } from '../../langfuse/events.ts';
import type { ExportedSpan, KeyValue } from '../../langfuse/otlp.ts';
import { makeAnswer, makeContent, makePrompt } from './content.ts';
import { MODELS, STEPS, type StoryTeller, TAGS } from './story.ts';
import { makeText } from './text.ts';

/** What instrumented a span: the Langfuse SDK, a library after OpenTelemetry's conventions for models, or one after OpenInference's. */
export type ScopeName =
  | 'langfuse-sdk'
  | 'opentelemetry.instrumentation.llm'
  | 'openinference.instrumentation';

/** One thing that is sent of a trace: a span that has ended, or a score. */
export type SpanStoryItem =
  | { readonly span: ExportedSpan; readonly scope: ScopeName }
  | { readonly score: IngestionEvent };

const LEVELS = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;
/** Types of observations of the Langfuse SDK, besides generations. */
const TYPES = ['span', 'chain', 'tool', 'agent', 'retriever', 'event'] as const;

/**
 * One trace as spans, in the order in which they end, so that children come before their parent; each is sent once. After it come
 * its scores, which have no place in OTLP.
 *
 * @param number how many stories came before; part of its session
 * @param startedAt virtual time at which its first span begins, in milliseconds since the epoch
 */
export function tellSpanStory(teller: StoryTeller, number: number, startedAt: number): SpanStoryItem[] {
  const story = new SpanStory(teller, startedAt);
  story.whole(`${teller.tag}-session-${Math.floor(number / 3).toString(36)}`);
  return story.items;
}

/** The shortest story: one span. */
export function tellShortSpanStory(teller: StoryTeller, startedAt: number): SpanStoryItem[] {
  const story = new SpanStory(teller, startedAt);
  story.bare();
  return story.items;
}

class SpanStory {
  readonly items: SpanStoryItem[] = [];
  readonly #random: Random;
  readonly #maxBytes: number;
  readonly #traceId: string;
  /** What the SDK puts on every span of a trace. */
  #shared: readonly KeyValue[] = [];
  #now: number;

  constructor({ random, maxBytes }: StoryTeller, startedAt: number) {
    this.#random = random;
    this.#maxBytes = maxBytes;
    this.#traceId = random.hex(32);
    this.#now = startedAt;
  }

  bare(): void {
    this.#span('ping', undefined, () => ({
      scope: 'langfuse-sdk',
      attributes: [
        text('langfuse.observation.type', 'span'),
        text('langfuse.observation.input', this.#content()),
      ],
    }));
  }

  whole(sessionId: string): void {
    const random = this.#random;
    const environment = random.pick([undefined, 'production', 'staging', 'eu_test-1']);
    this.#shared = [
      text('user.id', `user-${random.int(1, 50)}`),
      ...(random.chance(0.7) ? [text('session.id', sessionId)] : []),
      text('langfuse.trace.name', random.pick(['support chat', 'nightly summary', 'agent ‹run›', '聊天'])),
      texts('langfuse.trace.tags', [...new Set([random.pick(TAGS), random.pick(TAGS)])]),
      ...(environment === undefined ? [] : [text('langfuse.environment', environment)]),
      ...(random.chance(0.3)
        ? [text('langfuse.release', 'v2.14.0'), text('langfuse.version', `${random.int(1, 9)}`)]
        : []),
      ...(random.chance(0.1) ? [flag('langfuse.trace.public', true)] : []),
    ];
    const root = this.#span(random.pick(STEPS), undefined, (id) => {
      for (let steps = random.int(0, 4); steps > 0; steps -= 1) this.#step(id, 0);
      return this.#ofSdk(random.pick(['span', 'chain', 'agent']));
    });
    if (random.chance(0.4)) this.#score(undefined, environment);
    if (random.chance(0.1)) this.#score(root, environment);
  }

  #step(parent: string, depth: number): void {
    const random = this.#random;
    const name = random.pick(STEPS);
    const kind = random.int(0, 9);
    if (kind < 3) this.#span(name, parent, () => this.#generationOfSdk());
    else if (kind < 5) this.#span(name, parent, () => this.#generationOfLibrary());
    else if (kind < 6) this.#span(name, parent, () => this.#openInference());
    else {
      this.#span(name, parent, (id) => {
        if (depth < 3) for (let inner = random.int(0, 2); inner > 0; inner -= 1) this.#step(id, depth + 1);
        return this.#ofSdk(random.pick(TYPES));
      });
    }
  }

  #ofSdk(type: string): Instrumented {
    const random = this.#random;
    return {
      scope: 'langfuse-sdk',
      attributes: [
        text('langfuse.observation.type', type),
        text('langfuse.observation.input', this.#content()),
        ...(random.chance(0.8) ? [text('langfuse.observation.output', this.#content())] : []),
        ...this.#metadata(),
      ],
      ...this.#level(),
    };
  }

  #generationOfSdk(): Instrumented {
    const random = this.#random;
    const usage = this.#usage();
    return {
      scope: 'langfuse-sdk',
      attributes: [
        text('langfuse.observation.type', 'generation'),
        text('langfuse.observation.input', asText(makePrompt(random, this.#maxBytes))),
        text('langfuse.observation.output', asText(makeAnswer(random, this.#maxBytes))),
        text('langfuse.observation.model.name', random.pick(MODELS)),
        json('langfuse.observation.model.parameters', { temperature: 0.2, max_tokens: 1024, stop: ['END'] }),
        ...(random.chance(0.8) ? [json('langfuse.observation.usage_details', usage)] : []),
        ...(random.chance(0.2)
          ? [json('langfuse.observation.cost_details', { input: random.int(0, 9), output: 0.25 })]
          : []),
        ...(random.chance(0.5)
          ? [text('langfuse.observation.completion_start_time', new Date(this.#now).toISOString())]
          : []),
        ...this.#metadata(),
      ],
      ...this.#level(),
    };
  }

  /** After OpenTelemetry's semantic conventions for generative AI; amounts are never 0, which v3.36.0 takes for text. */
  #generationOfLibrary(): Instrumented {
    const random = this.#random;
    const { input, output } = this.#usage();
    return {
      scope: 'opentelemetry.instrumentation.llm',
      attributes: [
        text('gen_ai.operation.name', 'chat'),
        text('gen_ai.request.model', random.pick(MODELS)),
        { key: 'gen_ai.request.temperature', value: { doubleValue: 0.2 } },
        whole('gen_ai.request.max_tokens', 1024),
        whole('gen_ai.usage.input_tokens', input),
        whole('gen_ai.usage.output_tokens', output),
        text('gen_ai.prompt.0.role', 'user'),
        text('gen_ai.prompt.0.content', this.#content()),
        text('gen_ai.completion.0.role', 'assistant'),
        text('gen_ai.completion.0.content', this.#content()),
      ],
    };
  }

  #openInference(): Instrumented {
    const random = this.#random;
    const { input, output, total } = this.#usage();
    return {
      scope: 'openinference.instrumentation',
      attributes: [
        text('openinference.span.kind', 'LLM'),
        text('llm.model_name', random.pick(MODELS)),
        json('llm.invocation_parameters', { temperature: 0.7, top_p: 1 }),
        whole('llm.token_count.prompt', input),
        whole('llm.token_count.completion', output),
        whole('llm.token_count.total', total),
        text('input.value', asText(makePrompt(random, this.#maxBytes))),
        text('output.value', this.#content()),
      ],
    };
  }

  /** A span; what is told inside ends before it does. */
  #span(name: string, parent: string | undefined, tell: (id: string) => Instrumented): string {
    const random = this.#random;
    const spanId = random.hex(16);
    this.#now += random.int(1, 40);
    const startedAt = this.#now;
    const { scope, attributes, status } = tell(spanId);
    this.#now += random.int(1, 400);
    const span: ExportedSpan = {
      traceId: this.#traceId,
      spanId,
      ...(parent !== undefined && { parentSpanId: parent }),
      name,
      kind: 1,
      startTimeUnixNano: this.#nanoseconds(startedAt),
      endTimeUnixNano: this.#nanoseconds(this.#now),
      attributes: [...attributes, ...this.#shared],
      status: status ?? { code: 0 },
    };
    this.items.push({ span, scope });
    return spanId;
  }

  /** Finer than the milliseconds that Langfuse keeps. */
  #nanoseconds(at: number): string {
    return `${at}${this.#random.int(0, 999_999).toString().padStart(6, '0')}`;
  }

  #level(): Pick<Instrumented, 'status'> {
    if (this.#random.chance(0.9)) return {};
    return { status: { code: 2, message: makeText(this.#random, 80) } };
  }

  #metadata(): KeyValue[] {
    const random = this.#random;
    const prefix = 'langfuse.observation.metadata';
    return [
      whole(`${prefix}.attempt`, random.int(1, 3)),
      json(`${prefix}.client`, { sdk: 'generator', flags: { beta: random.chance(0.5) } }),
      text(`${prefix}.${random.pick(['region', 'Größe', '部署'])}`, `z${random.int(1, 4)}`),
      ...(random.chance(0.2) ? [text('langfuse.observation.level', random.pick(LEVELS))] : []),
    ];
  }

  #score(observationId: string | undefined, environment: string | undefined): void {
    const random = this.#random;
    this.#now += random.int(1, 40);
    const isNumber = random.chance(0.6);
    const body = {
      id: random.hex(32),
      traceId: this.#traceId,
      ...(observationId !== undefined && { observationId }),
      name: random.pick(['helpfulness', 'tone', 'grounded', 'süß?']),
      dataType: isNumber ? 'NUMERIC' : 'CATEGORICAL',
      value: isNumber ? random.int(0, 100) / 4 : random.pick(['good', 'bad', 'très bien', '普通']),
      comment: makeText(random, 120),
      ...(environment !== undefined && { environment }),
    };
    const timestamp = new Date(this.#now).toISOString();
    this.items.push({ score: { id: random.hex(32), timestamp, type: 'score-create', body } });
  }

  #content(): string {
    return makeContent(this.#random, this.#maxBytes);
  }

  #usage(): { readonly input: number; readonly output: number; readonly total: number } {
    const input = this.#random.int(10, 4000);
    const output = this.#random.int(1, 900);
    return { input, output, total: input + output };
  }
}

/** What a library makes of a span. */
interface Instrumented {
  readonly scope: ScopeName;
  readonly attributes: readonly KeyValue[];
  readonly status?: { readonly code: number; readonly message?: string };
}

const attribute = (key: string, value: KeyValue['value']): KeyValue => ({ key, value });
const text = (key: string, value: string) => attribute(key, { stringValue: value });
const texts = (key: string, values: readonly string[]) =>
  attribute(key, { arrayValue: { values: values.map((value) => ({ stringValue: value })) } });
const json = (key: string, value: unknown) => text(key, JSON.stringify(value));
/** As the JavaScript exporter writes it: a number, not the text that OTLP/JSON prescribes, which v3.36.0 can't read. */
const whole = (key: string, value: number) => attribute(key, { intValue: value });
const flag = (key: string, value: boolean) => attribute(key, { boolValue: value });
const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
