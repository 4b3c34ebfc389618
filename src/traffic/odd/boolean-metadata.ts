import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * A trace whose metadata is a bare `true`. It is JSON, so the API takes it; the worker's check of the merged row does not
 * (`traceRecordInsertSchema` at v3.36.0): the job fails at each attempt. The event has no place for a mark.
 */
export const booleanMetadata: OddTraffic<z.infer<typeof schema>> = {
  name: 'boolean-metadata',
  summary: 'A trace whose metadata is a bare true: acknowledged, and its job fails at every attempt.',
  schema,
  make(_parameters, context) {
    const body = { id: context.random.hex(32), timestamp: timeAt(0), name: 'flag', metadata: true };
    return [batchOf([oddEvent(context, 'trace-create', body)])];
  },
};
