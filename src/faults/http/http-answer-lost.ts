import { z } from 'zod';
import { given, httpLinkSchema, requests } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';

const schema = z.strictObject({ on: httpLinkSchema, ...requests });

/**
 * The server does what a request asks, and the process never learns: the connection is closed where the answer should come. An
 * INSERT is then in ClickHouse, an object in S3, and the process takes it for failed.
 */
export const httpAnswerLost = ruleFault<z.infer<typeof schema>>(
  'http-answer-lost',
  'The server carries out chosen requests; the connection is closed in place of its answer.',
  schema,
  ({ on: _on, ...match }) => ({ match: given(match), action: { kind: 'lose-answer' } }),
);
