import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { logged } from '../logged.ts';
import { ask, postgresSchema, takesWrites } from './connection.ts';

const schema = z.strictObject({ on: postgresSchema });

/**
 * Postgres reads and refuses to write (25006), as a standby that the name still points to after a failover. Sessions that are open
 * have it from their next transaction on. Keys are still found; traces with a session fail in the worker.
 */
export const postgresReadOnly: Fault<z.infer<typeof schema>> = {
  name: 'postgres-read-only',
  group: 'postgres',
  summary: 'Postgres answers reads and refuses every write (25006 read_only_sql_transaction).',
  feltWhen: "the worker's or the web's own log names Postgres's error",
  healedWhen: 'Postgres took a write',
  schema,
  async inject(_parameters, stack) {
    await ask(stack, 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
  },
  felt: (_parameters, stack, _since, logs) =>
    logged(['worker', 'web'], stack, logs, /cannot execute [A-Z ]+ in a read-only transaction/),
  async recover(_parameters, stack) {
    // Allowed in a read-only transaction too: it changes a file and no data.
    await ask(stack, 'ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()');
  },
  healed: (_parameters, stack) => takesWrites(stack),
};
