import { z } from 'zod';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { Stack } from '../../stack/stack.ts';

/** What a fault of this group hits. */
export const clickhouseSchema = z.literal('clickhouse');

/** Milliseconds that one statement may take. */
const TIMEOUT_MS = 10_000;

/** Langfuse's tables with rows that the checker reads. */
const TABLES = ['traces', 'observations', 'scores'] as const;

/** A table that is made, written and dropped to see whether ClickHouse takes a write. */
const SCRATCH = 'langfuse_chaos_look';

/** Runs one statement, past every link. @returns its result as text. @throws ChaosError `E_CLICKHOUSE` */
export async function ask(stack: Stack, sql: string): Promise<string> {
  const { url, username, password, database } = stack.access.clickhouse;
  try {
    const response = await fetch(`${url}/?database=${encodeURIComponent(database)}`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password },
      body: sql,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).trim();
    if (!response.ok) throw new Error(text);
    return text;
  } catch (error) {
    throw new ChaosError({
      code: 'E_CLICKHOUSE',
      happened: `ClickHouse did not carry out "${sql}": ${messageOf(error)}`,
      remedy: 'see whether the component `clickhouse` of the stack runs.',
      cause: error,
    });
  }
}

/** The tables of the application that are kept in parts. */
export async function partTables(stack: Stack): Promise<string[]> {
  const names = await ask(
    stack,
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name FORMAT TSV",
  );
  return names.split('\n').filter((name) => name !== '');
}

/** Whether Langfuse's tables are there. */
export async function tablesAreThere(stack: Stack): Promise<boolean> {
  const there = await partTables(stack);
  return TABLES.every((table) => there.includes(table));
}

/** Whether ClickHouse takes writes: a row into a table of our own, and an INSERT without rows into each of Langfuse's. */
export async function takesWrites(stack: Stack): Promise<string | undefined> {
  await ask(stack, `CREATE TABLE IF NOT EXISTS ${SCRATCH} (id String) ENGINE = MergeTree ORDER BY id`);
  try {
    await ask(stack, `INSERT INTO ${SCRATCH} SELECT 'a row'`);
    // A table that has too many parts refuses even this.
    for (const table of TABLES) await ask(stack, `INSERT INTO ${table} SELECT * FROM ${table} WHERE 0`);
  } finally {
    await ask(stack, `DROP TABLE IF EXISTS ${SCRATCH} SYNC`);
  }
  return 'ClickHouse took a write';
}
