import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { messageOf } from '../../base/errors.ts';
import { migrationFailed } from './migration-failed.ts';

/** Prisma's own table (schema-engine, `_prisma_migrations`), so that its `migrate deploy` finds nothing left to do. */
const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

/**
 * Applies those migrations of a checkout that a Postgres has not had yet, in the order of their names, each as one script: as
 * `prisma migrate deploy` does.
 *
 * @param folder one folder for each, a `migration.sql` in it
 * @param url of the database, with its password
 * @returns how many were applied
 * @throws ChaosError `E_MIGRATION` that names the one that failed
 */
export async function migratePostgres(folder: string, url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(TABLE);
    const { rows } = await client.query<{ name: string }>(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const had = new Set(rows.map(({ name }) => name));
    const wanted = namesIn(folder).filter((name) => !had.has(name));
    for (const name of wanted) await apply(client, name, readFileSync(scriptOf(folder, name), 'utf8'));
    return wanted.length;
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, name: string, script: string): Promise<void> {
  const id = randomUUID();
  const checksum = createHash('sha256').update(script).digest('hex');
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    // As one message: several statements are then one transaction, and one alone none, as CREATE INDEX CONCURRENTLY needs.
    await client.query(script);
  } catch (error) {
    throw migrationFailed('Postgres', name, messageOf(error), error);
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}

/** In the order of their bytes, as Prisma sorts them; some names hold a space. */
function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(scriptOf(folder, name)))
    .sort();
}

const scriptOf = (folder: string, name: string) => join(folder, name, 'migration.sql');
