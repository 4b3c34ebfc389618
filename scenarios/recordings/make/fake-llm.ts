import { type Clock, systemClock } from '../../../src/base/clock.ts';
import type { Random } from '../../../src/base/random.ts';
import { HANDBOOK, type Passage } from './knowledge.ts';

/** Tokens as a model's API counts them. */
export interface TokenUsage {
  readonly input: number;
  readonly output: number;
  readonly total: number;
}

/** Stands in for a model and a vector store: takes about the time they take, and answers the same for the same seed. */
export class FakeLlm {
  readonly #random: Random;
  readonly #clock: Clock;

  constructor(random: Random, clock: Clock = systemClock) {
    this.#random = random;
    this.#clock = clock;
  }

  async embed(text: string): Promise<TokenUsage> {
    await this.#clock.sleep(this.#random.int(15, 50));
    return usage(text, '');
  }

  /** The passages nearest to a question, best first, each with its score. */
  async search(locale: string, count: number): Promise<{ passage: Passage; score: number }[]> {
    await this.#clock.sleep(this.#random.int(20, 90));
    const own = HANDBOOK.filter((passage) => passage.locale === locale);
    const others = HANDBOOK.filter((passage) => passage.locale === 'en');
    return [...own, ...others]
      .slice(0, count)
      .map((passage, rank) => ({ passage, score: (95 - 7 * rank - this.#random.int(0, 5)) / 100 }));
  }

  /** Whether a question needs the order system, and which order. */
  async plan(
    question: string,
  ): Promise<{ tool: 'order_status' | 'none'; order?: string; usage: TokenUsage }> {
    await this.#clock.sleep(this.#random.int(60, 160));
    const order = /ORD-\d+/.exec(question)?.[0];
    return {
      ...(order ? { tool: 'order_status', order } : { tool: 'none' }),
      usage: usage(question, order ?? ''),
    };
  }

  /** Streams an answer piece by piece. */
  async *answer(prompt: string, passage: Passage): AsyncGenerator<string> {
    await this.#clock.sleep(this.#random.int(80, 200));
    yield this.#random.pick(['', '👋 ', '« ', 'OK: ']);
    for (const sentence of passage.text.split(/(?<=[.。।؟?!] ?)/u)) {
      await this.#clock.sleep(this.#random.int(20, 80));
      yield sentence;
    }
    if (prompt.length % 3 === 0) yield '\n\n— 🤖';
  }
}

/** About four characters make a token. */
export function usage(input: string, output: string): TokenUsage {
  const tokens = (text: string) => Math.ceil(text.length / 4);
  return { input: tokens(input), output: tokens(output), total: tokens(input) + tokens(output) };
}
