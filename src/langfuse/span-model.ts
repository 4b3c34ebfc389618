import type { Attributes } from './otel-content-v3.ts';
import { firstText, isRecord, parseJson, UNKNOWN } from './span-attributes.ts';
import type { Amounts } from './usage.ts';

/* What Langfuse v4.16.0 reads of a model call out of a span's attributes; see `span-attributes.ts`. */

const MODEL_KEYS = [
  ...['langfuse.observation.model.name', 'gen_ai.response.model', 'ai.model.id', 'gen_ai.request.model'],
  ...['llm.response.model', 'llm.model_name', 'model'],
];

/** Spans that sum up others: what they say of models is left out. */
function isSummary(attributes: Attributes): boolean {
  return ['invoke_agent', 'agent_step'].includes(String(attributes['gen_ai.operation.name']));
}

/** Column `provided_model_name`; null where there is none, or the span only sums up others; {@link UNKNOWN} for Genkit's. */
export function modelOf(attributes: Attributes): string | null | typeof UNKNOWN {
  if (attributes['genkit:metadata:subtype'] === 'model') return UNKNOWN;
  return isSummary(attributes) ? null : (firstText(attributes, MODEL_KEYS) ?? null);
}

const FRAMEWORK_SCOPES = ['ai', 'genkit-tracer'];

/** Each value a text or a number. */
export function modelParametersOf(attributes: Attributes, scopeName: string): unknown {
  if (FRAMEWORK_SCOPES.includes(scopeName)) return UNKNOWN;
  for (const key of ['langfuse.observation.model.parameters', 'llm.invocation_parameters', 'model_config']) {
    const given = attributes[key] ? parseJson(attributes[key]) : undefined;
    if (given) return simplified(given);
  }
  const named: Record<string, unknown> = {};
  for (const prefix of ['gen_ai.request.', 'llm.invocation_parameters.']) {
    for (const [key, value] of Object.entries(attributes)) {
      const name = key.startsWith(prefix) ? key.slice(prefix.length) : 'model';
      if (name !== 'model') named[name] = value;
    }
  }
  return simplified(named);
}

function simplified(parameters: unknown): unknown {
  if (typeof parameters !== 'object' || parameters === null) return parameters;
  const simple = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
  return Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, simple(value)]));
}

/** Usage as it was provided; undefined where something else than an object of amounts was given, which counts as none. */
export function usageDetailsOf(
  attributes: Attributes,
  scopeName: string,
): Readonly<Record<string, unknown>> | typeof UNKNOWN {
  if (isSummary(attributes)) return {};
  const given = attributes['langfuse.observation.usage_details'];
  if (given) {
    const parsed = parseJson(given);
    if (parsed !== undefined) return isRecord(parsed) ? parsed : {};
    if (typeof given !== 'string') return {};
  }
  if (FRAMEWORK_SCOPES.includes(scopeName) || scopeName.startsWith('gcp.vertex')) return UNKNOWN;
  return tokenCounts(attributes);
}

const COUNTS: readonly (readonly [kind: string, names: readonly string[]])[] = [
  ['input', ['prompt_tokens', 'input_tokens', 'prompt']],
  ['output', ['completion_tokens', 'output_tokens', 'completion']],
  ['total', ['total_tokens', 'total']],
];

/** `gen_ai.usage.*` and `llm.token_count.*`; the parts that versions count in their own ways (cached, reasoning, audio) are not known here. */
function tokenCounts(attributes: Attributes): Record<string, number> | typeof UNKNOWN {
  const counts: Record<string, number> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const isCount =
      (key.startsWith('gen_ai.usage.') && key !== 'gen_ai.usage.cost') || key.startsWith('llm.token_count.');
    if (!isCount) continue;
    const name = key.replace('gen_ai.usage.', '').replace('llm.token_count.', '');
    const kind = COUNTS.find(([, names]) => names.includes(name));
    if (!kind) return UNKNOWN;
    if (!Number.isNaN(Number(value))) counts[name] = Number(value);
  }
  const usage: Record<string, number> = {};
  for (const [kind, names] of COUNTS) {
    const count = names.map((name) => counts[name]).find((amount) => amount !== undefined);
    if (count !== undefined) usage[kind] = kind === 'total' ? count : Math.max(count, 0);
  }
  return usage;
}

/** Costs in USD as they were sent, by kind, or only their `total`; empty where there are none, or the span only sums up others. */
export function costDetailsOf(attributes: Attributes): Readonly<Record<string, unknown>> {
  if (isSummary(attributes)) return {};
  const given = attributes['langfuse.observation.cost_details'];
  if (given) {
    const parsed = parseJson(given);
    if (parsed !== undefined || typeof given !== 'string') return isRecord(parsed) ? parsed : {};
  }
  const total = [attributes['gen_ai.usage.cost'], attributes['llm.cost.total']].find(
    (cost) => cost !== undefined && cost !== '',
  );
  return total === undefined ? {} : { total };
}

/** ISO 8601, also with quotes of its own; null where it is none. */
export function completionStartOf(attributes: Attributes): string | null | typeof UNKNOWN {
  const given = attributes['langfuse.observation.completion_start_time'];
  for (const time of [given, parseJson(given)]) {
    if (typeof time === 'string' && !Number.isNaN(Date.parse(time))) return time;
  }
  const others = ['ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk'];
  return given !== undefined || others.some((key) => key in attributes) ? UNKNOWN : null;
}

/**
 * Whole, non-negative amounts, which are stored as they are; undefined for others, and for those under OpenAI's names, which versions
 * translate in ways of their own.
 */
export function wholeAmounts(details: Readonly<Record<string, unknown>>): Amounts | undefined {
  const isPlain = ([kind, amount]: [string, unknown]) =>
    Number.isSafeInteger(amount) &&
    (amount as number) >= 0 &&
    !/^(prompt|completion|input|output)_tokens/.test(kind);
  return Object.entries(details).every(isPlain) ? (details as Amounts) : undefined;
}
