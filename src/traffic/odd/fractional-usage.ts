import { z } from 'zod';
import type { OddTraffic } from './odd-traffic.ts';
import { generationWith } from './poison-generation.ts';

const schema = z.strictObject({});

/**
 * A generation that counts one and a half tokens. The API takes it up to v3.37; the column is `Map(…, UInt64)`, so ClickHouse
 * refuses the whole INSERT (error 563).
 */
export const fractionalUsage: OddTraffic<z.infer<typeof schema>> = {
  name: 'fractional-usage',
  summary:
    'A generation with usageDetails of 1.5: acknowledged, and the INSERT that it is in is dropped whole.',
  schema,
  make: (_parameters, context) =>
    generationWith(context, 'half a token', { usageDetails: { input: 1.5, output: 2, total: 3.5 } }),
};
