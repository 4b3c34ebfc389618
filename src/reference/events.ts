import { z } from 'zod/v3';

/** The kinds of entity: folder of the event in S3, and table in ClickHouse. */
export type EntityType = 'trace' | 'observation' | 'score';

/*
 * The order of the keys below is part of the contract: zod reports issues in it, and their text is the `error` of a
 * refused event (packages/shared/src/server/ingestion/types.ts at v3.36.0).
 */

const text = z.string().nullish();
const nonEmpty = z.string().min(1);
const anything = z.any().nullish();
/** ISO 8601 with any offset. */
export const dateTime = z.string().datetime({ offset: true }).nullish();

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
const nestedJson: z.ZodType<Json> = z.lazy(() =>
  z.union([
    z.array(nestedJson),
    z.record(nestedJson),
    z.union([z.string(), z.number(), z.boolean(), z.null()]),
  ]),
);
/** Any JSON value but a bare null. */
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.array(nestedJson), z.record(nestedJson), z.union([z.string(), z.number(), z.boolean()])]),
);

const count = z.number().int().nullish();
const cost = z.number().nullish();
const unit = z.enum(['CHARACTERS', 'TOKENS', 'SECONDS', 'MILLISECONDS', 'IMAGES', 'REQUESTS']).nullish();
const costs = { inputCost: cost, outputCost: cost, totalCost: cost };
const counts = { input: count, output: count, total: count, unit };

/** The old form (`input`, `output`, …) and OpenAI's (`promptTokens`, …); both come out as the old form. */
const usage = z
  .object({ ...counts, promptTokens: count, completionTokens: count, totalTokens: count, ...costs })
  .nullish()
  .transform((given) => {
    if (!given) return null;
    if ('promptTokens' in given || 'completionTokens' in given || 'totalTokens' in given) {
      return {
        input: given.promptTokens,
        output: given.completionTokens,
        total: given.totalTokens,
        unit: 'TOKENS' as const,
      };
    }
    return Object.keys(given).length === 0 ? undefined : given;
  })
  .pipe(z.object({ ...counts, ...costs }).nullish());

const amount = z.number().nonnegative();
/** Fractions pass at v3.36.0, and ClickHouse then refuses the whole insert. */
const amounts = z.record(z.string(), amount.nullish());
const openAiAmounts = z
  .object({
    prompt_tokens: amount,
    completion_tokens: amount,
    total_tokens: amount,
    prompt_tokens_details: z.record(z.string(), amount).nullish(),
    completion_tokens_details: z.record(z.string(), amount).nullish(),
  })
  .strict()
  .transform((given) => {
    const split = (kind: 'input' | 'output', whole: number, details: Record<string, number>) => ({
      [kind]: Object.values(details).reduce((rest, part) => Math.max(rest - part, 0), whole),
      ...Object.fromEntries(Object.entries(details).map(([key, part]) => [`${kind}_${key}`, part])),
    });
    return {
      total: given.total_tokens,
      ...split('input', given.prompt_tokens, given.prompt_tokens_details ?? {}),
      ...split('output', given.completion_tokens, given.completion_tokens_details ?? {}),
    };
  })
  .pipe(amounts);
const details = z.union([openAiAmounts, amounts]).nullish();

const environment = z
  .string()
  .max(40, 'Maximum length is 40 characters')
  .regex(
    /^(?!langfuse)[a-z0-9-_]+$/,
    "Only alphanumeric lower case characters, hyphens, and underscores are allowed, and it must not start with 'langfuse'",
  )
  .default('default');

const traceBody = z.object({
  id: text,
  timestamp: dateTime,
  name: z.string().max(1000).nullish(),
  externalId: text,
  input: anything,
  output: anything,
  sessionId: text,
  userId: text,
  environment,
  metadata: json.nullish(),
  release: text,
  version: text,
  public: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
});

const level = z.enum(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']).nullish();
const eventBody = z.object({
  traceId: text,
  environment,
  name: text,
  startTime: dateTime,
  metadata: json.nullish(),
  input: anything,
  output: anything,
  level,
  statusMessage: text,
  parentObservationId: text,
  version: text,
  id: nonEmpty,
});
const spanBody = eventBody.extend({ endTime: dateTime });

const modelParameters = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.record(z.string())]).nullish(),
  )
  .nullish();
const generationBody = spanBody
  .extend({
    completionStartTime: dateTime,
    model: text,
    modelParameters,
    usage,
    usageDetails: details,
    costDetails: details,
    promptName: text,
    promptVersion: z.number().int().nullish(),
  })
  .refine((body) => Boolean(body.promptName) === Boolean(body.promptVersion));

/** Body of the observation events of old clients; it has no environment. */
const legacyBody = z.object({
  id: text,
  traceId: text,
  type: z.enum(['GENERATION', 'SPAN', 'EVENT']),
  name: text,
  startTime: dateTime,
  endTime: dateTime,
  completionStartTime: dateTime,
  model: text,
  modelParameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullish()).nullish(),
  input: json.nullish(),
  output: json.nullish(),
  usage,
  usageDetails: details,
  costDetails: details,
  metadata: json.nullish(),
  parentObservationId: text,
  level,
  statusMessage: text,
  version: text,
});

const zeroOrOne = z.number().refine((value) => value === 0 || value === 1, {
  message: 'Value must be a number equal to either 0 or 1 for data type BOOLEAN',
});

/** A score: `base` with the value that its data type allows. */
function scoreBody<Base extends z.ZodRawShape>(base: Base) {
  const scored = z.object(base);
  return z.discriminatedUnion('dataType', [
    scored.extend({ value: z.number(), dataType: z.literal('NUMERIC'), configId: text }),
    scored.extend({ value: z.string(), dataType: z.literal('CATEGORICAL'), configId: text }),
    scored.extend({ value: zeroOrOne, dataType: z.literal('BOOLEAN'), configId: text }),
    scored.extend({
      value: z.union([z.string(), z.number()]),
      dataType: z.undefined(),
      configId: text,
    }),
  ]);
}

const ingestedScore = scoreBody({
  id: text,
  name: nonEmpty,
  traceId: z.string(),
  environment,
  observationId: text,
  comment: text,
  source: z.enum(['API', 'EVAL', 'ANNOTATION']).default('API'),
});

/** Body of `POST /api/public/scores`. */
export const postedScore = scoreBody({
  id: text,
  name: nonEmpty,
  traceId: z.string(),
  observationId: text,
  comment: text,
  environment: z.string().default('default'),
});

/** Body of `POST /api/public/traces`. */
export const postedTrace = traceBody;
/** Body of `POST /api/public/events`; its id must be there. */
export const postedEvent = eventBody;
/** Body of `POST /api/public/spans`. */
export const postedSpan = legacyBody.omit({
  type: true,
  completionStartTime: true,
  model: true,
  modelParameters: true,
  usage: true,
  usageDetails: true,
  costDetails: true,
});
/** Body of `PATCH /api/public/spans`. */
export const patchedSpan = z
  .object({ spanId: z.string() })
  .merge(postedSpan.omit({ id: true, parentObservationId: true }));
/** Body of `POST /api/public/generations`. */
export const postedGeneration = legacyBody
  .omit({ type: true, input: true, output: true, usageDetails: true, costDetails: true })
  .extend({ prompt: json.nullish(), completion: json.nullish() });
/** Body of `PATCH /api/public/generations`. */
export const patchedGeneration = z
  .object({ generationId: z.string() })
  .merge(postedGeneration.omit({ id: true, parentObservationId: true }));

const envelope = z.object({
  id: z.string(),
  timestamp: z.string().datetime({ offset: true }),
  metadata: json.nullish(),
});
const event = <Type extends string, Body extends z.ZodTypeAny>(type: Type, body: Body) =>
  envelope.extend({ type: z.literal(type), body });

const traceEvent = event('trace-create', traceBody);
const scoreEvent = event('score-create', ingestedScore);
const observationEvents = [
  event('event-create', eventBody),
  event('span-create', spanBody),
  event('span-update', spanBody),
  event('generation-create', generationBody),
  event('generation-update', generationBody),
] as const;
const legacyEvents = [
  event('observation-create', legacyBody),
  event('observation-update', legacyBody),
] as const;
const sdkLog = event('sdk-log', z.object({ log: json, id: text }));

/** One event of `POST /api/public/ingestion`, with defaults filled in and unknown keys dropped. */
export const ingestionEvent = z.discriminatedUnion('type', [
  traceEvent,
  scoreEvent,
  ...observationEvents,
  sdkLog,
  ...legacyEvents,
]);

/** Body of `POST /api/public/ingestion`; its events are looked at one by one. */
export const ingestionBody = z.object({ batch: z.array(z.unknown()), metadata: json.nullish() });

export type IngestionEvent = z.infer<typeof ingestionEvent>;
export type EventType = IngestionEvent['type'];
export type TraceEvent = z.infer<typeof traceEvent>;
export type ScoreEvent = z.infer<typeof scoreEvent>;
export type ObservationEvent = z.infer<(typeof observationEvents)[number] | (typeof legacyEvents)[number]>;

/** The entity that an event belongs to. @throws Error for `sdk-log`, which belongs to none, and unknown types */
export function entityTypeOf(type: string): EntityType {
  if (type === 'trace-create') return 'trace';
  if (type === 'score-create') return 'score';
  if (/^(event-create|(span|generation|observation)-(create|update))$/.test(type)) return 'observation';
  throw new Error(`Unknown event type: ${type}`);
}
