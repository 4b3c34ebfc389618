import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * A trace `x` and a trace `x/y` in one request. Ids are not escaped in keys at v3.36.0, and the worker reads everything below
 * `trace/x/`, so it merges the events of `x/y` into `x` as well. From v3.189.0 on such ids are rewritten.
 */
export const slashInId: OddTraffic<z.infer<typeof schema>> = {
  name: 'slash-in-id',
  summary: 'Traces “x” and “x/y”: the events of the second are merged into the first as well.',
  schema,
  make(_parameters, context) {
    const id = context.random.hex(32);
    const trace = (traceId: string, name: string, seconds: number) =>
      oddEvent(context, 'trace-create', { id: traceId, timestamp: timeAt(0), name }, seconds);
    return [batchOf([trace(id, 'outer', 0), trace(`${id}/inner`, 'inner', 1)])];
  },
};
