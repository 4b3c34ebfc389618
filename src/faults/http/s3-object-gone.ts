import { z } from 'zod';
import { given, objects, s3LinkSchema } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';
import { OBJECT_PATH, s3Error } from './s3-error.ts';

const schema = z.strictObject({ on: s3LinkSchema, ...objects });

/** An object that a listing still names is gone (404 NoSuchKey), as when a lifecycle rule removes it in between. */
export const s3ObjectGone = ruleFault<z.infer<typeof schema>>(
  's3-object-gone',
  'Objects that are read from S3 are answered 404 NoSuchKey, although listings name them.',
  schema,
  ({ on: _on, key, ...match }) => ({
    match: given({ method: 'GET', path: OBJECT_PATH, text: key, ...match }),
    action: s3Error('NoSuchKey'),
  }),
);
