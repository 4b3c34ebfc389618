import { type Attributes, type KeyValue, readAttributes } from './otlp-values.ts';

/** Input and output of a span; each null or absent where there is none. */
export interface Contents {
  readonly input?: unknown;
  readonly output?: unknown;
}
/** Something that happened during a span. */
export interface SpanEvent {
  readonly name?: string;
  readonly attributes?: readonly KeyValue[];
}

/** Attributes that hold input and output as they are, in the order in which they are asked for. */
const LOGFIRE = ['prompt', 'all_messages_events'] as const;
const WHOLE = [
  ['mlflow.spanInputs', 'mlflow.spanOutputs'],
  ['traceloop.entity.input', 'traceloop.entity.output'],
  ['input.value', 'output.value'],
] as const;

/**
 * Input and output by the conventions that Langfuse 3.36.0 knows (web/src/features/otel/server): the first one of which the span has
 * anything decides, for both.
 */
export function contentsOf(events: readonly SpanEvent[], attributes: Attributes): Contents {
  return (
    ofSpanEvents(events) ??
    whole(attributes, LOGFIRE) ??
    ofMessages(attributes.events) ??
    WHOLE.map((keys) => whole(attributes, keys)).find((contents) => contents) ??
    ofNumberedKeys(attributes) ?? { input: null, output: null }
  );
}

function whole(
  attributes: Attributes,
  [inputKey, outputKey]: readonly [string, string],
): Contents | undefined {
  const input = attributes[inputKey];
  const output = attributes[outputKey];
  return input || output ? { input, output } : undefined;
}

/** OpenLIT: events of the span, whose attributes are read by the same conventions. */
function ofSpanEvents(events: readonly SpanEvent[]): Contents | undefined {
  const of = (name: string) => events.find((event) => event.name === name)?.attributes;
  const prompt = of('gen_ai.content.prompt');
  const completion = of('gen_ai.content.completion');
  if (!prompt && !completion) return undefined;
  const input = readAttributes(prompt);
  const output = readAttributes(completion);
  return {
    input: contentsOf([], input).input || input,
    output: contentsOf([], output).output || output,
  };
}

/** Logfire: one list of messages, or its JSON; the choice is the output, all others are the input. @throws TypeError for JSON that is no list */
function ofMessages(given: unknown): Contents | undefined {
  if (typeof given !== 'string' && !Array.isArray(given)) return undefined;
  const messages = typeof given === 'string' ? parsedOrNone(given) : given;
  const isChoice = (message: Attributes) => message['event.name'] === 'gen_ai.choice';
  const choice = messages.find(isChoice);
  const others = messages.filter((message) => !isChoice(message));
  if (!choice && others.length === 0) return undefined;
  return { input: others.length > 0 ? others : null, output: choice ?? null };
}

function parsedOrNone(text: string): Attributes[] {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

/** TraceLoop: `gen_ai.prompt.0.content` and the like. Where only one side has any, the other is an empty object. */
function ofNumberedKeys(attributes: Attributes): Contents | undefined {
  const input = startingWith(attributes, 'gen_ai.prompt');
  const output = startingWith(attributes, 'gen_ai.completion');
  if (Object.keys({ ...input, ...output }).length === 0) return undefined;
  return { input: nested(input, 'gen_ai.prompt'), output: nested(output, 'gen_ai.completion') };
}

function startingWith(attributes: Attributes, prefix: string): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key.startsWith(prefix)));
}

/** What numbered keys below a prefix say; of keys with more than one dot behind the number only the name is kept. */
function nested(attributes: Attributes, prefix: string): unknown {
  if (attributes[prefix]) return attributes[prefix];
  const keys = Object.keys(attributes).map((key) => key.replace(`${prefix}.`, ''));
  if (!keys.some((key) => /^\d+\./.test(key))) {
    return Object.fromEntries(keys.map((key) => [key, attributes[`${prefix}.${key}`]]));
  }
  const items: Attributes[] = [];
  for (const key of keys) {
    const [index = '', name = ''] = key.split('.', 2);
    if (!/^\d+$/.test(index)) continue;
    const item = items[Number(index)] ?? {};
    items[Number(index)] = item;
    item[name] = attributes[`${prefix}.${index}.${name}`];
  }
  return items;
}
