import { z } from 'zod';
import { clickhouseSchema } from './connection.ts';
import { profileFault } from './profile-fault.ts';

const schema = z.strictObject({
  on: clickhouseSchema,
  bytes: z
    .int()
    .min(1)
    .default(1)
    .describe('memory that one query may use, bytes; default: 1, so that nearly every query fails'),
});

/** ClickHouse has no memory left for a query (241 MEMORY_LIMIT_EXCEEDED): reads and writes fail, the smaller ones last. */
export const clickhouseMemoryLimit = profileFault<z.infer<typeof schema>>({
  name: 'clickhouse-memory-limit',
  summary: 'ClickHouse fails queries that need more than so much memory (241 MEMORY_LIMIT_EXCEEDED).',
  schema,
  error: /memory limit (?:\([\w ]+\) )?exceeded/i,
  // Without the second one the engine counts only every 4 MiB.
  settings: ({ bytes }) => ({ max_memory_usage: String(bytes), max_untracked_memory: '1' }),
});
