import type { Attributes, Content } from './otel-content-v3.ts';
import { isRecord, parseJson, UNKNOWN } from './span-attributes.ts';

/* Input, output and metadata of a span as Langfuse v4.16.0 reads them; see `span-attributes.ts`. */

/** Attributes that hold input or output in one convention or another: none of them comes into metadata. */
const CONTENT_KEYS = [
  ...[
    'langfuse.trace.input',
    'langfuse.trace.output',
    'langfuse.observation.input',
    'langfuse.observation.output',
  ],
  ...['ai.prompt.messages', 'ai.prompt', 'ai.toolCall.args', 'ai.response.text', 'ai.result.text'],
  ...[
    'ai.toolCall.result',
    'ai.response.object',
    'ai.result.object',
    'ai.response.toolCalls',
    'ai.result.toolCalls',
  ],
  ...['gcp.vertex.agent.llm_request', 'gcp.vertex.agent.llm_response', 'gcp.vertex.agent.tool_call_args'],
  ...['gcp.vertex.agent.tool_response', 'prompt', 'all_messages_events', 'events', 'lk.input_text'],
  ...['lk.user_transcript', 'lk.chat_ctx', 'lk.user_input', 'lk.function_tool.output', 'lk.response.text'],
  ...['mlflow.spanInputs', 'mlflow.spanOutputs', 'traceloop.entity.input', 'traceloop.entity.output'],
  ...[
    'input.value',
    'output.value',
    'final_result',
    'pydantic_ai.all_messages',
    'gen_ai.system_instructions',
  ],
  ...['input', 'output', 'gen_ai.input.messages', 'gen_ai.output.messages', 'gen_ai.tool.call.arguments'],
  ...['gen_ai.tool.call.result', 'genkit:input', 'genkit:output', 'flue.turn.input', 'flue.turn.output'],
  ...[
    'flue.tool.arguments',
    'flue.tool.result',
    'flue.task.prompt',
    'flue.task.result',
    'flue.operation.result',
  ],
  ...['flue.workflow.payload', 'flue.workflow.result'],
];
const CONTENT_PREFIXES = ['gen_ai.prompt', 'gen_ai.completion', 'llm.input_messages', 'llm.output_messages'];
const METADATA_PREFIXES = [
  'langfuse.trace.metadata',
  'langfuse.observation.metadata',
  'ai.telemetry.metadata',
];

/** Attributes as they come into metadata, each as text. */
export function keptAttributes(attributes: Attributes): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (CONTENT_KEYS.includes(key)) continue;
    if ([...CONTENT_PREFIXES, ...METADATA_PREFIXES].some((prefix) => key.startsWith(prefix))) continue;
    kept[key] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return kept;
}

/**
 * Input and output of an observation, or of the trace where that has some of its own; {@link UNKNOWN} where a convention decides that is not
 * known here.
 *
 * @param events how many events the span has: some libraries put content into them
 */
export function contentOfSpan(
  attributes: Attributes,
  events: number,
  of: 'trace' | 'observation' = 'observation',
): Content {
  const own = (side: 'input' | 'output') =>
    (of === 'trace' && attributes[`langfuse.trace.${side}`]) || attributes[`langfuse.observation.${side}`];
  const [input, output] = [own('input'), own('output')];
  if (input !== undefined || output !== undefined) return { input, output };
  const rest = Object.keys(attributes).filter(isContentKey);
  if (events > 0) return { input: UNKNOWN, output: UNKNOWN };
  if (rest.length === 0) return { input: null, output: null };
  if (rest.every((key) => key === 'input.value' || key === 'output.value')) {
    const [read, written] = [attributes['input.value'], attributes['output.value']];
    return read || written ? { input: read, output: written } : { input: null, output: null };
  }
  if (rest.every((key) => /^gen_ai\.(prompt|completion)\.\d+\.[a-z_]+$/.test(key))) {
    return {
      input: numbered(attributes, 'gen_ai.prompt'),
      output: numbered(attributes, 'gen_ai.completion'),
    };
  }
  return { input: UNKNOWN, output: UNKNOWN };
}

function isContentKey(key: string): boolean {
  return (
    (CONTENT_KEYS.includes(key) && !key.startsWith('langfuse.')) ||
    key === 'tool_arguments' ||
    key === 'tool_response' ||
    CONTENT_PREFIXES.some((prefix) => key.startsWith(prefix))
  );
}

/** `gen_ai.prompt.0.content` and the like as a list of messages; an empty object where there is none. */
function numbered(attributes: Attributes, prefix: string): unknown {
  const list: Record<string, unknown>[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(`${prefix}.`)) continue;
    const [index, field] = key.slice(prefix.length + 1).split('.') as [string, string];
    list[Number(index)] = { ...list[Number(index)], [field]: value };
  }
  return list.length > 0 ? Array.from(list, (message) => message ?? null) : {};
}

/** Metadata that a span carries for its observation, or for its trace. */
export function metadataOf(attributes: Attributes, of: 'trace' | 'observation'): Record<string, unknown> {
  const prefix = `langfuse.${of}.metadata`;
  const whole = attributes[prefix] || attributes['langfuse.metadata'];
  const parsed = typeof whole === 'string' ? parseJson(whole) : whole;
  const metadata: Record<string, unknown> = {
    ...(typeof parsed === 'object' && parsed !== null ? parsed : {}),
  };
  const prefixes = [prefix, 'langfuse.metadata', 'ai.telemetry.metadata'];
  for (const [key, value] of Object.entries(attributes)) {
    for (const each of prefixes) {
      if (!key.startsWith(`${each}.`) || TAKEN_ELSEWHERE.includes(key)) continue;
      const name = key.slice(each.length + 1);
      if (name !== '') metadata[name] = value;
    }
  }
  return metadata;
}

const TAKEN_ELSEWHERE = ['userId', 'sessionId', 'tags', 'langfusePrompt'].map(
  (name) => `ai.telemetry.metadata.${name}`,
);

/** Whether Langfuse may move what it takes for definitions of tools from metadata to the input. */
export function mayHoldTools(metadata: Readonly<Record<string, unknown>>): boolean {
  const attributes = isRecord(metadata.attributes) ? metadata.attributes : {};
  const named = ['ai.prompt.tools', 'gen_ai.tool.definitions', 'model_request_parameters'];
  return (
    metadata.tools !== undefined ||
    Object.keys(attributes).some((key) => named.includes(key) || key.startsWith('llm.tools.'))
  );
}

/** Nested metadata as paths and texts, the leaves of objects each under `a.b.c`; lists and empty texts are leaves, empty objects leave nothing. */
export function flattened(metadata: Readonly<Record<string, unknown>>, before = ''): [string, string][] {
  return Object.entries(metadata).flatMap(([key, value]): [string, string][] => {
    const path = before === '' ? key : `${before}.${key}`;
    if (isRecord(value)) return flattened(value, path);
    if (value === null || value === undefined) return [[path, '']];
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
}
