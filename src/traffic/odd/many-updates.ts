import { z } from 'zod';
import { withMark } from '../../langfuse/mark.ts';
import { batchOf, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({
  count: z
    .int()
    .min(2)
    .max(5000)
    .default(1010)
    .describe('Requests, each with one event of the same span; 1,010 unless told.'),
  rate: z.number().positive().max(1000).default(150).describe('Requests a second; 150 unless told.'),
});

/**
 * A span that is updated more than a thousand times, each time in a request and so in an S3 object of its own. The worker
 * lists one page of the folder, at most 1,000 objects in the order of their names, and never asks for the next
 * (`S3StorageService.listFiles` at v3.36.0). The names rise here, so what is sent last is never read, unless a worker that keeps pace
 * has read it while the page was not full.
 */
export const manyUpdates: OddTraffic<z.infer<typeof schema>> = {
  name: 'many-updates',
  summary:
    'More than 1,000 updates of one span, a request each: those beyond the first page of the listing are never read.',
  schema,
  make({ count, rate }, { random, nextMark }) {
    const id = random.hex(32);
    const traceId = random.hex(32);
    return Array.from({ length: count }, (_, number) => {
      const event = {
        id: `${id}-${String(number).padStart(5, '0')}`,
        timestamp: timeAt(number / 1000),
        type: number === 0 ? 'span-create' : 'span-update',
        body: { id, traceId, name: `step ${number}`, startTime: timeAt(0) },
      } as const;
      return batchOf([withMark(event, nextMark())], number / rate);
    });
  },
};
