import type { ExportedSpan } from './otlp.ts';

/** Attributes by name, with the values that Langfuse makes of them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Input and output of a span; undefined or null where there is none. */
export interface Content {
  readonly input: unknown;
  readonly output: unknown;
}

/** Where input and output stand: OpenInference, Traceloop and others, in the order in which they are looked for; the first that has one of both is it. */
const BEFORE_EVENTS: readonly (readonly [string, string])[] = [['prompt', 'all_messages_events']];
const AFTER_EVENTS: readonly (readonly [string, string])[] = [
  ['mlflow.spanInputs', 'mlflow.spanOutputs'],
  ['traceloop.entity.input', 'traceloop.entity.output'],
  ['input.value', 'output.value'],
];

/**
 * Input and output of a span as v3.36.0 finds them (`extractInputAndOutput` in `web/src/features/otel/server/index.ts`): in the events
 * of the span, then in its attributes. It does not know the attributes that the Langfuse SDKs of today send.
 *
 * @param read makes an attribute's value plain
 */
export function contentOf(
  events: NonNullable<ExportedSpan['events']>,
  attributes: Attributes,
  read: (list: NonNullable<ExportedSpan['attributes']>) => Attributes,
): Content {
  const within = (name: string) => {
    const list = events.find((event) => event.name === name)?.attributes;
    return list ? read(list) : undefined;
  };
  const prompt = within('gen_ai.content.prompt');
  const completion = within('gen_ai.content.completion');
  if (prompt || completion) {
    const [given, answered] = [prompt ?? {}, completion ?? {}];
    return {
      input: inAttributes(given).input || given,
      output: inAttributes(answered).output || answered,
    };
  }
  return inAttributes(attributes);
}

function inAttributes(attributes: Attributes): Content {
  return (
    firstPair(attributes, BEFORE_EVENTS) ??
    inEventList(attributes.events) ??
    firstPair(attributes, AFTER_EVENTS) ??
    inNumberedKeys(attributes) ?? { input: null, output: null }
  );
}

function firstPair(
  attributes: Attributes,
  pairs: readonly (readonly [string, string])[],
): Content | undefined {
  for (const [input, output] of pairs) {
    if (attributes[input] || attributes[output])
      return { input: attributes[input], output: attributes[output] };
  }
  return undefined;
}

/** Logfire's one attribute with all events. */
function inEventList(list: unknown): Content | undefined {
  const events = typeof list === 'string' ? parseList(list) : list;
  if (!Array.isArray(events)) return undefined;
  const isChoice = (event: unknown) => (event as Attributes | null)?.['event.name'] === 'gen_ai.choice';
  const choice = events.find(isChoice);
  const others = events.filter((event) => !isChoice(event));
  if (!choice && others.length === 0) return undefined;
  return { input: others.length > 0 ? others : null, output: choice ?? null };
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `gen_ai.prompt.0.content` and the like. */
function inNumberedKeys(attributes: Attributes): Content | undefined {
  const under = (prefix: string) =>
    Object.fromEntries(Object.entries(attributes).filter(([key]) => key.startsWith(prefix)));
  const input = under('gen_ai.prompt');
  const output = under('gen_ai.completion');
  if (Object.keys(input).length + Object.keys(output).length === 0) return undefined;
  return { input: nested(input, 'gen_ai.prompt'), output: nested(output, 'gen_ai.completion') };
}

/** One level deep, and a second where the first is numbered; what lies deeper is lost. */
function nested(attributes: Attributes, prefix: string): unknown {
  if (attributes[prefix]) return attributes[prefix];
  const keys = Object.keys(attributes).map((key) => key.replace(`${prefix}.`, ''));
  if (!keys.some((key) => /^\d+\./.test(key))) {
    return asJson(Object.fromEntries(keys.map((key) => [key, attributes[`${prefix}.${key}`]])));
  }
  const list: Record<string, unknown>[] = [];
  for (const key of keys) {
    const [index = '', field = ''] = key.split('.', 2);
    // A key without a number becomes a property of the list, which JSON leaves out.
    if (!/^(0|[1-9]\d*)$/.test(index)) continue;
    const at = Number(index);
    list[at] = { ...list[at], [field]: attributes[`${prefix}.${index}.${field}`] };
  }
  return asJson(list);
}

/** As it comes out of S3: without what is undefined, and with null where a list has nothing. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
