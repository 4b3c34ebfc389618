import { z } from 'zod';
import { given, requests, s3LinkSchema } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';
import { s3Error } from './s3-error.ts';

const schema = z.strictObject({ on: s3LinkSchema, ...requests });

/** S3 refuses (403 AccessDenied), as after a change of a policy or of the key. Clients do not try that again. */
export const s3Denied = ruleFault<z.infer<typeof schema>>(
  's3-denied',
  'Requests to S3 are answered 403 AccessDenied.',
  schema,
  ({ on: _on, ...match }) => ({ match: given(match), action: s3Error('AccessDenied') }),
);
