import { z } from 'zod';
import type { OddTraffic } from './odd-traffic.ts';
import { generationWith } from './poison-generation.ts';

const schema = z.strictObject({});

/** A generation with more tokens than 64 bits hold, written as `1e+21`: ClickHouse refuses the whole INSERT (error 563). */
export const hugeUsage: OddTraffic<z.infer<typeof schema>> = {
  name: 'huge-usage',
  summary:
    'A generation with usageDetails of 1e21: acknowledged, and the INSERT that it is in is dropped whole.',
  schema,
  make: (_parameters, context) =>
    generationWith(context, 'too many tokens', { usageDetails: { input: 1e21 } }),
};
