import { z } from 'zod';
import { given, objects, s3LinkSchema } from './parameters.ts';
import { ruleFault } from './rule-fault.ts';

const schema = z.strictObject({
  on: s3LinkSchema,
  drop: z
    .union([z.int().min(1), z.literal('all')])
    .default('all')
    .describe('how many keys are missing at the end of the list, or `all`; default: all'),
  ...objects,
});

/**
 * A listing lacks its last keys and says nothing of it, as from a store whose lists lag behind its writes, or after a lifecycle rule.
 * Langfuse's worker lists an entity's folder and takes what it gets for everything; with an empty list the job completes.
 */
export const s3ListCutShort = ruleFault<z.infer<typeof schema>>(
  's3-list-cut-short',
  'Listings of S3 lack their last keys, or all of them, without saying so.',
  schema,
  ({ on: _on, drop, key, ...match }) => ({
    match: given({ method: 'GET', path: '[?&]list-type=2', text: key, ...match }),
    action: { kind: 'cut-list', drop },
  }),
);
