import { z } from 'zod';
import { clickhouseSchema } from './connection.ts';
import { profileFault } from './profile-fault.ts';

const schema = z.strictObject({ on: clickhouseSchema });

/** More bytes than any disk has: 2^60. */
const MORE_THAN_ANY_DISK = String(2n ** 60n);

/** The disk of ClickHouse has no room for an INSERT (243 NOT_ENOUGH_SPACE). Reads work. */
export const clickhouseDiskFull = profileFault<z.infer<typeof schema>>({
  name: 'clickhouse-disk-full',
  summary: 'ClickHouse refuses every INSERT because its disk is full (243 NOT_ENOUGH_SPACE).',
  schema,
  error: /enough free space/,
  settings: () => ({ min_free_disk_bytes_to_perform_insert: MORE_THAN_ANY_DISK }),
});
