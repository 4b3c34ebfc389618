import { z } from 'zod';
import { batchOf, oddEvent, timeAt } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * Content that Langfuse's merge does not keep (`worker/src/services/IngestionService` at v3.36.0), though every row lands:
 * an input or output of `0`, `false` or `''` is never stored; an explicit null wipes out a name; and every
 * event of a trace that says nothing of `public` makes it private again. The checker's model of the merge knows all of it.
 */
export const falsyContent: OddTraffic<z.infer<typeof schema>> = {
  name: 'falsy-content',
  summary: 'Input 0, output false, explicit nulls, a public trace updated: rows land, content is not kept.',
  schema,
  make(_parameters, context) {
    const { random } = context;
    const [shared, falsy, span, score] = Array.from({ length: 4 }, () => random.hex(32));
    return [
      batchOf([
        oddEvent(context, 'trace-create', {
          ...{ id: shared, timestamp: timeAt(0), name: 'shared', userId: 'user', sessionId: null },
          ...{ public: true, tags: ['kept'], input: 'kept', metadata: { list: [], object: {}, none: null } },
        }),
        oddEvent(context, 'trace-create', { id: falsy, timestamp: timeAt(0), input: 0, output: false }),
        oddEvent(context, 'span-create', {
          ...{ id: span, traceId: shared, name: 'span', startTime: timeAt(0), level: 'ERROR' },
          ...{
            input: '',
            output: 'kept',
            statusMessage: 'kept',
            metadata: { zero: 0, no: false, empty: '' },
          },
        }),
        oddEvent(context, 'score-create', {
          ...{
            id: score,
            traceId: shared,
            observationId: span,
            name: 'score',
            value: 0,
            dataType: 'BOOLEAN',
          },
        }),
      ]),
      batchOf(
        [
          oddEvent(
            context,
            'trace-create',
            { id: shared, name: null, userId: null, tags: null, input: null },
            1,
          ),
          oddEvent(context, 'trace-create', { id: falsy, input: '', output: null }, 1),
          oddEvent(
            context,
            'span-update',
            { id: span, traceId: shared, name: null, level: null, statusMessage: null, output: 0 },
            1,
          ),
          oddEvent(
            context,
            'score-create',
            { id: score, traceId: shared, observationId: null, name: 'score', value: 1, dataType: 'BOOLEAN' },
            1,
          ),
        ],
        0.5,
      ),
    ];
  },
};
