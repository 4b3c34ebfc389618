import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * A span whose output ends in half of a surrogate pair, as a client cuts an emoji in two. JSON can say it (`\ud83d`), UTF-8
 * can't: ClickHouse refuses the whole INSERT with error 25, and the worker drops all of its rows after three attempts.
 */
export const loneSurrogate: OddTraffic<z.infer<typeof schema>> = {
  name: 'lone-surrogate',
  summary:
    'A span with half of a surrogate pair in its output: acknowledged, and the INSERT that it is in is dropped whole.',
  schema,
  make(_parameters, context) {
    const body = {
      id: context.random.hex(32),
      traceId: context.random.hex(32),
      name: 'cut emoji',
      startTime: timeAt(0),
      output: 'Thank you \ud83d',
    };
    return [batchOf([oddEvent(context, 'span-create', body)])];
  },
};
