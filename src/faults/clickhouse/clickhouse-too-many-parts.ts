import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { logged } from '../logged.ts';
import { ask, clickhouseSchema, partTables, takesWrites } from './connection.ts';

const schema = z.strictObject({
  on: clickhouseSchema,
  parts: z
    .int()
    .min(0)
    .default(1)
    .describe(
      'parts of one partition from which on a table refuses; an INSERT makes one or more. Default: 1; 0 refuses even into an empty table',
    ),
  tables: z.array(z.string().regex(/^\w+$/)).min(1).optional().describe('which tables; default: all'),
});

/**
 * Merges have stopped and every INSERT leaves a part, until there are too many and the table refuses (252 TOO_MANY_PARTS). Small and
 * frequent inserts, such as those of many workers, get there.
 */
export const clickhouseTooManyParts: Fault<z.infer<typeof schema>> = {
  name: 'clickhouse-too-many-parts',
  group: 'clickhouse',
  summary:
    'Tables of ClickHouse merge no more and refuse INSERTs from so many parts on (252 TOO_MANY_PARTS).',
  feltWhen: "the worker's own log names the engine's error",
  healedWhen: 'ClickHouse took a write',
  schema,
  async inject({ parts, tables }, stack) {
    for (const table of tables ?? (await partTables(stack))) {
      await ask(stack, `SYSTEM STOP MERGES ${table}`);
      await ask(stack, `ALTER TABLE ${table} MODIFY SETTING parts_to_throw_insert = ${parts}`);
    }
  },
  felt: (_parameters, stack, _since, logs) => logged(['worker'], stack, logs, /Too many parts/),
  async recover(_parameters, stack) {
    // The setting is in the table's own definition and outlives a restart.
    for (const table of await partTables(stack)) {
      await ask(stack, `ALTER TABLE ${table} RESET SETTING parts_to_throw_insert`);
      await ask(stack, `SYSTEM START MERGES ${table}`);
    }
  },
  healed: (_parameters, stack) => takesWrites(stack),
};
