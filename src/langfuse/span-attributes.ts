import type { Attributes } from './otel-content-v3.ts';
import type { AnyValue, ExportedSpan, KeyValue } from './otlp.ts';

/*
 * What Langfuse v4.16.0 reads out of the attributes of a span (`packages/shared/src/server/otel/OtelIngestionProcessor.ts` and
 * `ObservationTypeMapper.ts`): those that the Langfuse SDKs send, OpenTelemetry's for generative AI, and OpenInference's. What it takes from the
 * conventions of single frameworks (Vercel's AI SDK, Genkit, Pydantic AI, LiveKit and so on) is not known here.
 */

/** An attribute that decides a column in a way that is not known here. */
export const UNKNOWN = Symbol('not known');

/** Attributes by name, as these versions read them. */
export function readAttributes(list: readonly KeyValue[] | null | undefined): Attributes {
  const values: Record<string, unknown> = {};
  for (const { key, value } of list ?? []) values[key] = plainValue(value);
  return values;
}

function plainValue(value: AnyValue): unknown {
  const { stringValue, doubleValue, boolValue, intValue, arrayValue } = value;
  if (stringValue !== undefined) return stringValue;
  if (doubleValue !== undefined) {
    // NaN and infinity come as text, and stay it.
    const number = typeof doubleValue === 'string' ? Number(doubleValue) : doubleValue;
    return Number.isFinite(number) ? number : doubleValue;
  }
  if (boolValue !== undefined) return boolValue;
  const values = (arrayValue as { readonly values?: readonly AnyValue[] } | undefined)?.values;
  if (values !== undefined) return values.map(plainValue);
  const whole = typeof intValue === 'string' ? Number(intValue) : intValue;
  return typeof whole === 'number' && !Number.isNaN(whole) ? whole : JSON.stringify(value);
}

/** Milliseconds of a time in nanoseconds, as ISO 8601; what is finer is cut off. */
export function timeOf(nanoseconds: string | number): string {
  const milliseconds =
    typeof nanoseconds === 'string' ? Number(BigInt(nanoseconds) / 1_000_000n) : nanoseconds / 1e6;
  return new Date(milliseconds).toISOString();
}

/** The first of these attributes that has a value, as text. */
export function firstText(attributes: Attributes, keys: readonly string[]): string | undefined {
  const found = keys.map((key) => attributes[key]).find(Boolean);
  if (found === undefined) return undefined;
  return typeof found === 'string' ? found : JSON.stringify(found);
}

/** Column `name`: the tool's where the span is the call of one, else the span's own; {@link UNKNOWN} where a framework's attribute decides it. */
export function nameOf(spanName: string, attributes: Attributes): string | typeof UNKNOWN {
  const tool = firstText(attributes, ['gen_ai.tool.name']);
  if (tool !== undefined) return tool;
  const others = ['genkit:name', 'logfire.msg', 'ai.toolCall.name', 'ai.operationId'];
  return others.some((key) => key in attributes) ? UNKNOWN : spanName;
}

const ENVIRONMENT_KEYS = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];

/** Lower case, without what Langfuse reserves for itself, 40 characters; `default` where that leaves no name. */
export function environmentOf(attributes: Attributes, resource: Attributes): string {
  for (const key of ENVIRONMENT_KEYS) {
    const found = attributes[key] || resource[key];
    if (!found) continue;
    if (typeof found !== 'string') return 'default';
    const name = found
      .toLowerCase()
      .replace(/^(langfuse[-_]?)+/, '')
      .slice(0, 40);
    return /^[a-z0-9-_]+$/.test(name) ? name : 'default';
  }
  return 'default';
}

const USER_KEYS = [
  ...['langfuse.user.id', 'user.id', 'langfuse.observation.metadata.langfuse_user_id'],
  ...['langfuse.trace.metadata.langfuse_user_id', 'ai.telemetry.metadata.userId'],
];
const SESSION_KEYS = [
  ...['langfuse.session.id', 'session.id', 'gen_ai.conversation.id'],
  ...['langfuse.observation.metadata.langfuse_session_id', 'langfuse.trace.metadata.langfuse_session_id'],
  'ai.telemetry.metadata.sessionId',
];
const TAG_KEYS = [
  ...['langfuse.trace.tags', 'langfuse.tags', 'langfuse.observation.metadata.langfuse_tags'],
  ...['langfuse.trace.metadata.langfuse_tags', 'ai.telemetry.metadata.tags', 'tag.tags'],
];

/** What is said of the whole trace, on each span that says it. */
export interface TraceFields {
  readonly userId: string | undefined;
  readonly sessionId: string | undefined;
  readonly tags: readonly string[];
  readonly isPublic: boolean | undefined;
  readonly release: unknown;
  readonly version: unknown;
  readonly traceName: unknown;
}

/** What a span says of its trace: the Langfuse SDKs' attributes before those of others, and those of the resource last. */
export function traceFieldsOf(attributes: Attributes, resource: Attributes): TraceFields {
  const isPublic = attributes['langfuse.trace.public'] ?? attributes['langfuse.public'];
  return {
    userId: firstText(attributes, USER_KEYS),
    sessionId: firstText(attributes, SESSION_KEYS),
    tags: tagsOf(TAG_KEYS.map((key) => attributes[key]).find(Boolean)),
    isPublic: isPublic === undefined ? undefined : isTrue(isPublic),
    release: attributes['langfuse.release'] ?? resource['langfuse.release'] ?? null,
    version: attributes['langfuse.version'] ?? resource['service.version'] ?? null,
    traceName: attributes['langfuse.trace.name'] ?? null,
  };
}

/** Attributes by which a span says something of its trace (`hasTraceUpdates`). */
const UPDATE_KEYS = [
  ...['name', 'input', 'output', 'public'].map((name) => `langfuse.trace.${name}`),
  ...USER_KEYS,
  ...SESSION_KEYS.filter((key) => key !== 'gen_ai.conversation.id'),
  ...TAG_KEYS.filter((key) => key !== 'langfuse.tags'),
];

/** Whether a span says something of its trace, root or not. */
export function updatesTrace(attributes: Attributes): boolean {
  return (
    UPDATE_KEYS.some((key) => attributes[key]) ||
    Object.keys(attributes).some((key) => key.startsWith('langfuse.trace.metadata'))
  );
}

/** Whether an attribute says yes: SDKs send a boolean or its text. */
export const isTrue = (value: unknown) => value === true || value === 'true';

function tagsOf(given: unknown): readonly string[] {
  if (Array.isArray(given)) return given.map(String);
  if (typeof given !== 'string') return [];
  const parsed = given.trim().startsWith('[') ? parseJson(given) : undefined;
  if (Array.isArray(parsed)) return parsed.map(String);
  return given.includes(',') ? given.split(',').map((tag) => tag.trim()) : [given];
}

const LEVELS: Readonly<Record<string, string>> = {
  ...{ DEBUG: 'DEBUG', TRACE: 'DEBUG', VERBOSE: 'DEBUG' },
  ...{
    DEFAULT: 'DEFAULT',
    INFO: 'DEFAULT',
    LOG: 'DEFAULT',
    NOTICE: 'DEFAULT',
    OK: 'DEFAULT',
    SUCCESS: 'DEFAULT',
  },
  ...{ WARNING: 'WARNING', WARN: 'WARNING', ERROR: 'ERROR', FATAL: 'ERROR', CRITICAL: 'ERROR' },
};

/** Column `level`: the attribute's by one of the names that stand for a level, else ERROR for a span whose status is an error, else DEFAULT. */
export function levelOf(attributes: Attributes, { status }: ExportedSpan): string {
  const given = attributes['langfuse.observation.level'];
  const named = typeof given === 'string' ? given.trim().toUpperCase() : '';
  if (Object.hasOwn(LEVELS, named)) return LEVELS[named] as string;
  return status?.code === 2 ? 'ERROR' : 'DEFAULT';
}

const TYPES = [
  ...['span', 'generation', 'event', 'embedding', 'agent', 'tool', 'chain', 'retriever', 'guardrail'],
  'evaluator',
];
const OPENINFERENCE_KINDS = ['CHAIN', 'RETRIEVER', 'EMBEDDING', 'AGENT', 'TOOL', 'GUARDRAIL', 'EVALUATOR'];
const OPERATIONS: Readonly<Record<string, string>> = {
  ...{ chat: 'GENERATION', completion: 'GENERATION', text_completion: 'GENERATION' },
  ...{ generate_content: 'GENERATION', generate: 'GENERATION', embeddings: 'EMBEDDING' },
  ...{ invoke_agent: 'AGENT', create_agent: 'AGENT', execute_tool: 'TOOL' },
};
const FRAMEWORKS = /^(genkit:|ai\.|operation\.name$|flue\.)/;

/** Column `type` in capitals, by the first convention that has a word for it; {@link UNKNOWN} where that of a single framework decides. */
export function typeOf(
  attributes: Attributes,
  resource: Attributes,
  scopeName: string,
): string | typeof UNKNOWN {
  const given = attributes['langfuse.observation.type'];
  // Spans of the Python SDK up to 3.3.0 may become generations.
  const isOfPython = scopeName === 'langfuse-sdk' && resource['telemetry.sdk.language'] === 'python';
  if (given === 'span' && isOfPython && hasModelFields(attributes)) return UNKNOWN;
  if (typeof given === 'string' && TYPES.includes(given)) return given.toUpperCase();
  const kind = attributes['openinference.span.kind'];
  if (kind === 'LLM') return 'GENERATION';
  if (typeof kind === 'string' && OPENINFERENCE_KINDS.includes(kind)) return kind;
  const operation = attributes['gen_ai.operation.name'];
  if (typeof operation === 'string' && Object.hasOwn(OPERATIONS, operation))
    return OPERATIONS[operation] as string;
  if (scopeName === 'livekit-agents' || Object.keys(attributes).some((key) => FRAMEWORKS.test(key)))
    return UNKNOWN;
  if (attributes['gen_ai.tool.name'] || attributes['gen_ai.tool.call.id']) return 'TOOL';
  return FALLBACK_MODEL_KEYS.some((key) => attributes[key]) ? 'GENERATION' : 'SPAN';
}

function hasModelFields(attributes: Attributes): boolean {
  const prefix = 'langfuse.observation.';
  const names = ['model.name', 'cost_details', 'usage_details', 'completion_start_time', 'model.parameters'];
  return names.some((name) => `${prefix}${name}` in attributes);
}

const FALLBACK_MODEL_KEYS = [
  ...['langfuse.observation.model.name', 'gen_ai.request.model', 'gen_ai.response.model'],
  ...['llm.model_name', 'model'],
];

/** A JSON text's value; undefined for what is none. */
export function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with fields, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
