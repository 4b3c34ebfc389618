import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/** The first and the last year that the API takes; ClickHouse's DateTime64 goes from 1900 to 2299. */
const FIRST = '0001-01-01T00:00:00.000Z';
const LAST = '9999-12-31T23:59:59.000Z';

/** Times that are null, that ClickHouse has no place for, and an end before its beginning. */
export const oddTimes: OddTraffic<z.infer<typeof schema>> = {
  name: 'odd-times',
  summary: 'Times that are null, of the years 1 and 9999, and an end before its beginning.',
  schema,
  make(_parameters, context) {
    const { random } = context;
    const trace = (timestamp: string | null) =>
      oddEvent(context, 'trace-create', { id: random.hex(32), timestamp, name: String(timestamp) });
    const span = (startTime: string | null, endTime: string | null) =>
      oddEvent(context, 'span-create', {
        ...{ id: random.hex(32), traceId: random.hex(32), name: `${startTime} to ${endTime}` },
        ...{ startTime, endTime },
      });
    return [
      batchOf([trace(null), span(null, null), span(timeAt(2), timeAt(1))]),
      batchOf([trace(FIRST), trace(LAST), span(FIRST, timeAt(0)), span(timeAt(0), LAST)]),
    ];
  },
};
