import { z } from 'zod';
import { given, objects, s3LinkSchema } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';
import { OBJECT_PATH } from './s3-error.ts';

const schema = z.strictObject({
  on: s3LinkSchema,
  how: z
    .enum(['cut', 'flip'])
    .default('cut')
    .describe('`cut`: it ends in its middle; `flip`: 16 bytes in its middle are turned over; default: cut'),
  ...objects,
});

/** An object comes back as something else than was written. Its headers stay, so a client that checks a checksum sees it. */
export const s3ObjectCorrupted = ruleFault<z.infer<typeof schema>>(
  's3-object-corrupted',
  'Objects that are read from S3 end in their middle, or have wrong bytes there.',
  schema,
  ({ on: _on, how, key, ...match }) => ({
    match: given({ method: 'GET', path: OBJECT_PATH, text: key, ...match }),
    action: { kind: 'corrupt', how },
  }),
);
