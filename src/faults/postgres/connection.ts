import pg from 'pg';
import { z } from 'zod';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { Stack } from '../../stack/stack.ts';

/** What a fault of this group hits. */
export const postgresSchema = z.literal('postgres');

/** Milliseconds for a connection and for each statement. */
const TIMEOUT_MS = 5000;

/** Postgres's code for a connection that is refused because there are too many (errcodes.txt, `too_many_connections`). */
const TOO_MANY_CONNECTIONS = '53300';

/** A connection to Postgres, past every link; undefined when there is none left. @throws what pg throws otherwise */
export async function connect(stack: Stack, applicationName: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    connectionString: stack.access.postgres.url,
    application_name: applicationName,
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
  });
  // A server that ends while we talk to it is for the next query to report.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === TOO_MANY_CONNECTIONS) return undefined;
    throw error;
  }
}

/**
 * Runs statements one after another on a connection of their own.
 *
 * @returns the rows of the last one
 * @throws ChaosError `E_POSTGRES_QUERY`
 */
export async function ask(stack: Stack, ...statements: readonly string[]): Promise<unknown[]> {
  let client: pg.Client | undefined;
  try {
    client = await connect(stack, 'langfuse-chaos');
    if (!client) throw new Error('it has too many clients already');
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } catch (error) {
    throw new ChaosError({
      code: 'E_POSTGRES_QUERY',
      happened: `Postgres did not carry out "${statements.join('; ')}": ${messageOf(error)}.`,
      remedy: 'see whether the component `postgres` of the stack runs.',
      cause: error,
    });
  } finally {
    await client?.end().catch(() => {});
  }
}

/** Whether Postgres takes a connection and a write, which is rolled back. */
export async function takesWrites(stack: Stack): Promise<string> {
  await ask(stack, 'BEGIN', 'CREATE TABLE langfuse_chaos_look (id text)', 'ROLLBACK');
  return 'Postgres took a write';
}
