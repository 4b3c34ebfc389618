import { z } from 'zod';
import type { PlannedRequest } from '../request.ts';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddContext, OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({
  requests: z.int().min(1).max(1000).default(10).describe('Different requests; 10 unless told.'),
  times: z.int().min(2).max(20).default(3).describe('How often each is sent; 3 unless told.'),
  apart: z
    .number()
    .nonnegative()
    .max(60)
    .default(0)
    .describe('Seconds between one sending and the next; 0 unless told, which sends them side by side.'),
});

/**
 * A client that gives up on an answer too early and sends the same request again, to the byte. The objects in S3 are overwritten
 * by themselves and each request adds its jobs, so every entity is processed several times, also side by side. Nothing may be doubled by it.
 */
export const retryingClient: OddTraffic<z.infer<typeof schema>> = {
  name: 'retrying-client',
  summary: 'Every request sent several times with the same event ids: nothing is doubled by it.',
  schema,
  make({ requests, times, apart }, context) {
    const planned = Array.from({ length: requests }, () => story(context));
    return Array.from({ length: times }, (_, time) =>
      planned.map((request) => ({ ...request, at: time * apart * 1000 })),
    ).flat();
  },
};

/** A trace with its update, a span with its end, and a score. */
function story(context: OddContext): PlannedRequest {
  const { random } = context;
  const [traceId, spanId, scoreId] = [random.hex(32), random.hex(32), random.hex(32)];
  return batchOf([
    oddEvent(
      context,
      'trace-create',
      { id: traceId, timestamp: timeAt(0), name: 'again', input: 'question' },
      0,
    ),
    oddEvent(context, 'span-create', { id: spanId, traceId, name: 'work', startTime: timeAt(1) }, 1),
    oddEvent(context, 'span-update', { id: spanId, traceId, endTime: timeAt(2), output: 'done' }, 2),
    oddEvent(context, 'trace-create', { id: traceId, output: 'answer' }, 3),
    oddEvent(context, 'score-create', { id: scoreId, traceId, name: 'tone', value: random.int(0, 5) }, 4),
  ]);
}
