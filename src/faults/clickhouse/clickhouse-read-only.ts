import { z } from 'zod';
import { clickhouseSchema } from './connection.ts';
import { profileFault } from './profile-fault.ts';

const schema = z.strictObject({ on: clickhouseSchema });

/**
 * ClickHouse reads and refuses to write (164 READONLY), as after a change of the user's profile; a table that has lost its Keeper looks
 * alike (242). The worker's SELECT before the merge works, so jobs complete, and the rows are dropped by the writer.
 */
export const clickhouseReadOnly = profileFault<z.infer<typeof schema>>({
  name: 'clickhouse-read-only',
  summary: 'ClickHouse answers SELECT and refuses every write (164 READONLY).',
  schema,
  error: /Cannot execute query in readonly mode/,
  settings: () => ({ readonly: '2' }),
});
