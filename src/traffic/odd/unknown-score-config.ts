import { z } from 'zod';
import { batchOf, oddEvent } from './build.ts';
import type { OddTraffic } from './odd-traffic.ts';

const schema = z.strictObject({});

/**
 * A score that names a config which does not exist. The web does not look, the worker does
 * (`validateAndInflateScore` at v3.36.0): the job fails at each attempt and ends in the failed set, and so does each later job of this score.
 */
export const unknownScoreConfig: OddTraffic<z.infer<typeof schema>> = {
  name: 'unknown-score-config',
  summary: 'A score whose configId does not exist: acknowledged, and its job fails at every attempt.',
  schema,
  make(_parameters, context) {
    const body = {
      id: context.random.hex(32),
      traceId: context.random.hex(32),
      name: 'rating',
      value: 4,
      configId: context.random.hex(24),
    };
    return [batchOf([oddEvent(context, 'score-create', body)])];
  },
};
