import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * A trace and a score without an id of their own: acknowledged with 201 and stored nowhere, neither in S3 nor in the queue
 * (`processEventBatch.ts` at v3.36.0 leaves them out when it groups by entity).
 */
export const missingBodyId: OddTraffic<z.infer<typeof schema>> = {
  name: 'missing-body-id',
  summary: 'A trace-create and a score-create without body.id: acknowledged with 201, stored nowhere.',
  schema,
  make(_parameters, context) {
    const trace = { name: 'no id', timestamp: timeAt(0) };
    const score = { traceId: context.random.hex(32), name: 'no id', value: 1 };
    return [batchOf([oddEvent(context, 'trace-create', trace), oddEvent(context, 'score-create', score)])];
  },
};
