import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({
  entities: z.int().min(1).max(100).default(3).describe('Traces that it happens to; 3 unless told.'),
  changed: z
    .boolean()
    .default(false)
    .describe('Whether another event comes under the id of the first; false unless told: the same event.'),
  after: z
    .number()
    .nonnegative()
    .default(0.3)
    .describe(
      'Seconds between the two requests; 0.3 unless told. The first one’s jobs must start later than that.',
    ),
});

/**
 * A client repeats an event whose answer it did not get, and puts another one beside it: first `[first, second]`, then `[first,
 * third]`, all of one trace. An object in S3 is named after its first event, so the second request overwrites the object of the
 * first before it was read, and the second event is nowhere. The jobs must be held back
 * (`LANGFUSE_INGESTION_QUEUE_DELAY_MS`, 5 s by default), else the first object is read in time.
 */
export const eventIdAgain: OddTraffic<z.infer<typeof schema>> = {
  name: 'event-id-again',
  summary:
    'An event sent again in other company: the object in S3 that is named after it is overwritten, and what was beside it is lost.',
  schema,
  make({ entities, changed, after }, context) {
    const traces = Array.from({ length: entities }, () => {
      const id = context.random.hex(32);
      const event = (name: string, seconds: number, ...eventId: [] | [string]) =>
        oddEvent(context, 'trace-create', { id, timestamp: timeAt(0), name }, seconds, ...eventId);
      const first = event('first', 0);
      const again = changed ? event('first, changed', 0.5, first.id) : first;
      return { first, second: event('second', 1), again, third: event('third', 2) };
    });
    return [
      batchOf(traces.flatMap(({ first, second }) => [first, second])),
      batchOf(
        traces.flatMap(({ again, third }) => [again, third]),
        after,
      ),
    ];
  },
};
