import type { Random } from '../../base/random.ts';
import { drawSize, makeText } from './text.ts';

/** Fields of an event's body. */
export type Body = Record<string, unknown>;

const LEVELS = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;

/** Token counts and costs in each of the forms that Langfuse 3.36.0 takes (`usage`, `UsageOrCostDetails` in its `types.ts`); whole numbers only. */
export function makeUsage(random: Random): Body {
  const input = random.int(10, 4000);
  const output = random.int(1, 900);
  const total = input + output;
  switch (random.int(0, 4)) {
    case 0:
      return {};
    case 1:
      return { usage: { input, output, total, unit: 'TOKENS' } };
    case 2:
      return { usage: { promptTokens: input, completionTokens: output, totalTokens: total } };
    case 3:
      return {
        usageDetails: {
          prompt_tokens: input,
          completion_tokens: output,
          total_tokens: total,
          prompt_tokens_details: { cached_tokens: Math.floor(input / 2) },
        },
      };
    default:
      return {
        usageDetails: { input, output, total, cache_read: random.int(0, 100) },
        costDetails: { input: random.int(0, 9), output: random.int(0, 9) },
      };
  }
}

/** Mostly nothing, which Langfuse stores as DEFAULT. */
export function makeLevel(random: Random): Body {
  if (random.chance(0.8)) return {};
  const level = random.pick(LEVELS);
  return level === 'ERROR' ? { level, statusMessage: makeText(random, 80) } : { level };
}

/** The input of a generation: chat messages, now and then plain text. */
export function makePrompt(random: Random, maxBytes: number): unknown {
  const bytes = drawSize(random, maxBytes);
  if (bytes < 160 || random.chance(0.2)) return makeText(random, bytes);
  return [
    { role: 'system', content: makeText(random, 60) },
    { role: 'user', content: makeText(random, bytes - 160) },
  ];
}

/** The output of a generation. */
export function makeAnswer(random: Random, maxBytes: number): unknown {
  const bytes = drawSize(random, maxBytes);
  if (bytes < 80 || random.chance(0.3)) return makeText(random, bytes);
  return { role: 'assistant', content: makeText(random, bytes - 40) };
}

/** Text of a size that is drawn. */
export function makeContent(random: Random, maxBytes: number): string {
  return makeText(random, drawSize(random, maxBytes));
}

/** Half of the keys are shared by all events of an entity, so that its updates reach into what is there already. */
export function makeMetadata(random: Random): Body {
  return {
    attempt: random.int(1, 3),
    client: {
      sdk: 'generator',
      os: random.pick(['linux', 'macOS', 'Ωs']),
      flags: { beta: random.chance(0.5) },
    },
    [random.pick(['region', 'Größe', '部署'])]: {
      zone: `z${random.int(1, 4)}`,
      weights: [random.int(0, 9), 0.5],
    },
  };
}
