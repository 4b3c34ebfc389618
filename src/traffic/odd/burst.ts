import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({
  events: z.int().min(1).max(20_000).default(500).describe('Events in all, each an entity; 500 unless told.'),
  perRequest: z.int().min(1).max(500).default(25).describe('Events in one request; 25 unless told.'),
});

/** Many requests in one moment, as when a client's buffer is flushed after its network was away. */
export const burst: OddTraffic<z.infer<typeof schema>> = {
  name: 'burst',
  summary: 'Many events in the same moment: all are taken, and all must land.',
  schema,
  make({ events, perRequest }, context) {
    const { random } = context;
    const all = Array.from({ length: events }, (_, n) => {
      const body = {
        id: random.hex(32),
        traceId: random.hex(32),
        name: 'burst',
        startTime: timeAt(n / 1000),
      };
      return oddEvent(context, 'span-create', { ...body, output: `step ${n}` }, n / 1000);
    });
    return Array.from({ length: Math.ceil(events / perRequest) }, (_, n) =>
      batchOf(all.slice(n * perRequest, (n + 1) * perRequest)),
    );
  },
};
