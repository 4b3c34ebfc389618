import { z } from 'zod';
import { given, requests, s3LinkSchema } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';
import { s3Error } from './s3-error.ts';

const schema = z.strictObject({ on: s3LinkSchema, ...requests });

/** S3 asks to slow down (503 SlowDown), as it does above some thousand requests a second for a prefix. */
export const s3SlowDown = ruleFault<z.infer<typeof schema>>(
  's3-slow-down',
  'Requests to S3 are answered 503 SlowDown.',
  schema,
  ({ on: _on, ...match }) => ({ match: given(match), action: s3Error('SlowDown') }),
);
