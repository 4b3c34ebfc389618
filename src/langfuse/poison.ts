import type { ExpectedRow } from './expected-row.ts';
import { MergedMetadata } from './merge-metadata.ts';
import type { Amounts } from './usage.ts';

/** The largest amount of a usage, which is kept in 64 bits without a sign, and the first cost that is too large for `Decimal64(12)`. */
const LARGEST_USAGE = 2 ** 64;
const FIRST_COST_TOO_LARGE = 1_000_000;

/**
 * Why ClickHouse refuses every INSERT that this row is in, with all rows beside it; undefined when it takes the row. Langfuse v3.36.0 lets
 * such values through (`packages/shared/src/server/ingestion/types.ts`); the columns' types are those of its
 * ClickHouse migrations 0001–0008. Costs that are computed from a model's price are not looked at.
 */
export function poisonIn(row: ExpectedRow): string | undefined {
  for (const [column, value] of Object.entries(row)) {
    if (textsOf(value).some((text) => !text.isWellFormed())) {
      return `${column} has half of a surrogate pair, which is no UTF-8`;
    }
  }
  if (row.kind !== 'observation') return undefined;
  for (const amounts of [row.provided_usage_details, row.usage_details]) {
    for (const amount of amountsOf(amounts)) {
      if (!Number.isInteger(amount)) return `a usage of ${amount} is no whole number`;
      if (amount >= LARGEST_USAGE) return `a usage of ${amount} is more than 64 bits hold`;
    }
  }
  for (const amounts of [row.provided_cost_details, row.cost_details]) {
    for (const amount of amountsOf(amounts)) {
      if (Math.abs(amount) >= FIRST_COST_TOO_LARGE)
        return `a cost of ${amount} has more than six digits before the point`;
    }
  }
  return undefined;
}

/** The texts of a column: its value, the items of a list, or keys and values of metadata. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (value instanceof MergedMetadata) return [...value.keys, ...value.values];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : Object.keys(value);
}

/** None where only the target knows them. */
function amountsOf(amounts: Amounts | symbol): readonly number[] {
  return typeof amounts === 'symbol' ? [] : Object.values(amounts);
}
