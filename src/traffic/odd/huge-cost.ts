import { z } from 'zod';
import type { OddTraffic } from './odd-traffic.ts';
import { generationWith } from './poison-generation.ts';

const schema = z.strictObject({
  cost: z.number().min(1_000_000).default(1_000_000).describe('US dollars; 1,000,000 unless told.'),
});

/**
 * A generation whose cost has seven digits before the point, for example because a client sends cents of a cent. The column is
 * `Decimal64(12)`, which ends below a million: ClickHouse refuses the whole INSERT (error 69). Clamped from v3.165.0 on.
 */
export const hugeCost: OddTraffic<z.infer<typeof schema>> = {
  name: 'huge-cost',
  summary:
    'A generation with a cost of a million: acknowledged, and the INSERT that it is in is dropped whole.',
  schema,
  make: ({ cost }, context) => generationWith(context, 'a million', { costDetails: { total: cost } }),
};
