/** Units or costs by kind, for example `input`, `output`, `total`. */
export type Amounts = Readonly<Record<string, number>>;

type Body = Readonly<Record<string, unknown>>;

/** Shared, so that the many events without usage cost nothing. */
export const NO_AMOUNTS: Amounts = Object.freeze({});

/**
 * The usage that one event gives, in the new form, under whichever of the accepted forms it came: `usage` with
 * `input`/`output`/`total` or with OpenAI's `promptTokens`/…, and `usageDetails`, laid over it, as a plain record or in OpenAI's form.
 * Schemas in `packages/shared/src/server/ingestion/types.ts`, derivation in `mapObservationEventsToRecords` of
 * `worker/src/services/IngestionService/index.ts`, both at v3.36.0.
 */
export function usageOf(body: Body): Amounts {
  if (body.usage === undefined && body.usageDetails === undefined) return NO_AMOUNTS;
  const usage = tokensOf(body.usage);
  const details = plainAmounts(body.usageDetails);
  const { input, output } = usage;
  const derived = input && output ? input + output : (input ?? output);
  const total = usage.total || (isEmpty(body.usageDetails) ? derived : undefined);
  return { ...given({ input, output, total }), ...details };
}

/** The costs that one event gives: `inputCost`, … of `usage`, and `costDetails` laid over them where its type takes these. */
export function costsOf(body: Body, takesCostDetails: boolean): Amounts {
  const costDetails = takesCostDetails ? body.costDetails : undefined;
  if (body.usage === undefined && costDetails === undefined) return NO_AMOUNTS;
  const usage = asRecord(body.usage);
  // In OpenAI's form everything but the three token counts is dropped.
  const costs = isOpenAiUsage(usage)
    ? NO_AMOUNTS
    : given({ input: usage.inputCost, output: usage.outputCost, total: usage.totalCost });
  return { ...costs, ...plainAmounts(costDetails) };
}

/** Usage as it is stored: what was given without negative amounts, and a total if none was given. */
export function finalUsage(provided: Amounts): { readonly provided: Amounts; readonly final: Amounts } {
  const kept: Record<string, number> = {};
  let sum = 0;
  let kinds = 0;
  for (const kind in provided) {
    const amount = provided[kind] as number;
    if (amount < 0) continue;
    kept[kind] = amount;
    sum += amount;
    kinds += 1;
  }
  return { provided: kept, final: kinds === 0 || 'total' in kept ? kept : { ...kept, total: sum } };
}

/** Costs as they are stored when any was given: a total is added only where nothing but input and output is there to add up. */
export function finalCosts(provided: Amounts): { readonly final: Amounts; readonly total: number | null } {
  const kinds = Object.keys(provided);
  if (kinds.length === 0) return { final: NO_AMOUNTS, total: null };
  const addable = kinds.every((kind) => kind === 'input' || kind === 'output');
  const total = provided.total ?? (addable ? (provided.input ?? 0) + (provided.output ?? 0) : undefined);
  return { final: total === undefined ? provided : { ...provided, total }, total: total ?? null };
}

function tokensOf(usage: unknown): Partial<Record<'input' | 'output' | 'total', number | null>> {
  const record = asRecord(usage);
  if (isOpenAiUsage(record)) {
    return given({
      input: record.promptTokens,
      output: record.completionTokens,
      total: record.totalTokens,
    });
  }
  return given({ input: record.input, output: record.output, total: record.total });
}

function isOpenAiUsage(usage: Body): boolean {
  return 'promptTokens' in usage || 'completionTokens' in usage || 'totalTokens' in usage;
}

const OPENAI_COUNTS = ['prompt_tokens', 'completion_tokens', 'total_tokens'];
const OPENAI_DETAILS = ['prompt_tokens_details', 'completion_tokens_details'];

/** A record of amounts. One that has OpenAI's keys and no others is translated: its details are taken out of input and output. */
function plainAmounts(details: unknown): Amounts {
  const record = asRecord(details);
  const isOpenAi =
    OPENAI_COUNTS.every((key) => typeof record[key] === 'number') &&
    Object.keys(record).every((key) => OPENAI_COUNTS.includes(key) || OPENAI_DETAILS.includes(key));
  if (!isOpenAi) return given(record);
  const amounts: Record<string, number> = {
    input: record.prompt_tokens as number,
    output: record.completion_tokens as number,
    total: record.total_tokens as number,
  };
  takeOut(amounts, 'input', record.prompt_tokens_details);
  takeOut(amounts, 'output', record.completion_tokens_details);
  return amounts;
}

function takeOut(amounts: Record<string, number>, from: 'input' | 'output', details: unknown): void {
  for (const [kind, amount] of Object.entries(given(asRecord(details)))) {
    amounts[`${from}_${kind}`] = amount;
    amounts[from] = Math.max((amounts[from] ?? 0) - amount, 0);
  }
}

/** What is there: null and undefined say nothing. */
function given(amounts: Body): Record<string, number> {
  const kept: Record<string, number> = {};
  for (const kind in amounts) {
    const amount = amounts[kind];
    if (typeof amount === 'number') kept[kind] = amount;
  }
  return kept;
}

function asRecord(value: unknown): Body {
  return typeof value === 'object' && value !== null ? (value as Body) : NO_AMOUNTS;
}

function isEmpty(value: unknown): boolean {
  return Object.keys(asRecord(value)).length === 0;
}
