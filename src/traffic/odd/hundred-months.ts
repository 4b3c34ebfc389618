import { z } from 'zod';
import { batchOf, oddEvent } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({
  months: z
    .int()
    .min(2)
    .max(400)
    .default(101)
    .describe('Traces, each in a month of its own; 101 unless told, one more than an INSERT may have.'),
});

/**
 * A backfill: one trace for each of many months in one request. A month is a partition, and ClickHouse refuses an INSERT into more
 * than 100 of them (error 252, `max_partitions_per_insert_block`), so that the worker drops all of its rows, each of which is fine by itself.
 */
export const hundredMonths: OddTraffic<z.infer<typeof schema>> = {
  name: 'hundred-months',
  summary:
    'Traces of more than 100 months at once: acknowledged, and an INSERT with all of them is dropped whole.',
  schema,
  make({ months }, context) {
    const events = Array.from({ length: months }, (_, month) => {
      const timestamp = new Date(Date.UTC(1990, month, 15, 12)).toISOString();
      return oddEvent(context, 'trace-create', { id: context.random.hex(32), timestamp, name: 'backfill' });
    });
    return [batchOf(events)];
  },
};
