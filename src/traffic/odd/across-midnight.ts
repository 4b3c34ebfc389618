import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

/** Seconds from where the traffic's own time begins to the end of that day. */
const MIDNIGHT = 18 * 3600;

const schema = z.strictObject({
  entities: z.int().min(1).max(500).default(10).describe('Spans that it happens to; 10 unless told.'),
  every: z
    .number()
    .positive()
    .max(10)
    .default(0.3)
    .describe('Seconds from one to the next; 0.3 unless told.'),
  after: z
    .number()
    .nonnegative()
    .max(60)
    .default(0.4)
    .describe('Seconds between the update and the create; 0.4 unless told.'),
});

/**
 * Spans that begin before midnight (UTC) and end after it, of which the update comes in first. Alone, it makes a row of the
 * new day. The create makes one of the old day, unless the worker reads the first row; the day is part of the
 * key (ClickHouse migrations 0001–0003 at v3.36.0), so both rows stay for ever. Langfuse holds jobs back against it, longer around
 * midnight by the web's own clock (`getDelay` in `processEventBatch.ts`).
 */
export const acrossMidnight: OddTraffic<z.infer<typeof schema>> = {
  name: 'across-midnight',
  summary: 'Spans that straddle midnight, the update before the create: a row on each of two days.',
  schema,
  make({ entities, every, after }, context) {
    const spans = Array.from({ length: entities }, (_, n) => {
      const body = { id: context.random.hex(32), traceId: context.random.hex(32) };
      const start = MIDNIGHT - 1;
      const created = { ...body, name: 'straddles', startTime: timeAt(start) };
      const ended = { ...body, endTime: timeAt(MIDNIGHT + 1), output: 'done' };
      return [
        batchOf([oddEvent(context, 'span-update', ended, MIDNIGHT + 1)], n * every),
        batchOf([oddEvent(context, 'span-create', created, start)], n * every + after),
      ];
    });
    return spans.flat().sort((a, b) => a.at - b.at);
  },
};
