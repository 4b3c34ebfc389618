import type { ObservationRow } from './rows.ts';

/*
 * Usage and costs of an observation from what its events gave. Langfuse also counts tokens and multiplies by prices
 * when it knows the model; there are no prices here.
 */

/** Usage as given, with a total if none was given. */
export function finalUsage(
  provided: Record<string, number>,
): Pick<ObservationRow, 'usage_details' | 'provided_usage_details'> {
  const given = Object.fromEntries(Object.entries(provided).filter(([, amount]) => amount >= 0));
  const amounts = Object.values(given);
  if (amounts.length === 0 || 'total' in given)
    return { usage_details: given, provided_usage_details: given };
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return { usage_details: { ...given, total }, provided_usage_details: given };
}

/** Costs as given, with a total if none was given and there is nothing but input and output to add up. */
export function finalCosts(
  provided: Record<string, number>,
): Pick<ObservationRow, 'cost_details' | 'total_cost'> {
  const keys = Object.keys(provided);
  if (keys.length === 0) return { cost_details: {}, total_cost: undefined };
  const summable = keys.every((key) => key === 'input' || key === 'output');
  const sum = summable ? (provided.input ?? 0) + (provided.output ?? 0) : undefined;
  const total = provided.total ?? sum;
  return {
    cost_details: total === undefined ? provided : { ...provided, total },
    total_cost: total,
  };
}
