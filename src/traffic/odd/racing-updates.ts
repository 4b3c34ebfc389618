import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({
  entities: z.int().min(1).max(500).default(30).describe('Spans that it happens to; 30 unless told.'),
  every: z
    .number()
    .positive()
    .max(10)
    .default(0.2)
    .describe('Seconds from one to the next; 0.2 unless told.'),
  after: z
    .number()
    .nonnegative()
    .max(60)
    .default(0.1)
    .describe('Seconds between the create and the update; 0.1 unless told.'),
});

/**
 * Short spans: begun in one request, ended in the next. Two jobs work on one entity at the same time; when the first has
 * listed S3 before the second event was there and writes after the second job did, its row, which lacks
 * the end, is the newer one and wins. It takes a job that is slower than the next.
 */
export const racingUpdates: OddTraffic<z.infer<typeof schema>> = {
  name: 'racing-updates',
  summary: 'Spans created and updated in quick succession: two jobs race, and the slower one’s row wins.',
  schema,
  make({ entities, every, after }, context) {
    const spans = Array.from({ length: entities }, (_, n) => {
      const body = { id: context.random.hex(32), traceId: context.random.hex(32) };
      const created = { ...body, name: 'short', startTime: timeAt(n) };
      const ended = { ...body, endTime: timeAt(n + 0.5), output: 'done' };
      return [
        batchOf([oddEvent(context, 'span-create', created, n)], n * every),
        batchOf([oddEvent(context, 'span-update', ended, n + 0.5)], n * every + after),
      ];
    });
    return spans.flat().sort((a, b) => a.at - b.at);
  },
};
