import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { messageOf } from '../../base/errors.ts';
import type { Access } from '../../langfuse/access.ts';
import { migrationFailed } from './migration-failed.ts';

/** The table of golang-migrate (database/clickhouse), with the engine that Langfuse's up.sh asks for. */
const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (version Int64, dirty UInt8, sequence UInt64)
ENGINE = MergeTree ORDER BY sequence`;

/**
 * Applies those migrations of a checkout that a ClickHouse has not had yet, in the order of their numbers and statement by statement:
 * as golang-migrate does with `x-multi-statement`, but over HTTP.
 *
 * @param folder the files `NNNN_<name>.up.sql`
 * @returns how many were applied
 * @throws ChaosError `E_MIGRATION` that names the one that failed
 */
export async function migrateClickHouse(folder: string, access: Access['clickhouse']): Promise<number> {
  const client = createClient({ ...access, log: { level: ClickHouseLogLevel.OFF } });
  const command = (query: string) => client.command({ query });
  // Nanoseconds since the epoch, as golang-migrate has them: its order says which entry is the last.
  let sequence = BigInt(Date.now()) * 1_000_000n;
  const note = (version: number, dirty: 0 | 1) => {
    sequence += 1n;
    return command(`INSERT INTO schema_migrations VALUES (${version}, ${dirty}, ${sequence})`);
  };
  try {
    await command(TABLE);
    const answer = await client.query({
      query: 'SELECT toString(max(version)) AS version FROM schema_migrations WHERE dirty = 0',
      format: 'JSONEachRow',
    });
    const last = Number((await answer.json<{ version: string }>())[0]?.version ?? 0);
    const wanted = migrationsIn(folder).filter(({ version }) => version > last);
    for (const { version, file } of wanted) {
      await note(version, 1);
      for (const statement of statementsOf(readFileSync(join(folder, file), 'utf8'))) {
        await command(statement).catch((error: unknown) => {
          throw migrationFailed('ClickHouse', file, messageOf(error), error);
        });
      }
      await note(version, 0);
    }
    return wanted.length;
  } finally {
    await client.close();
  }
}

function migrationsIn(folder: string): { version: number; file: string }[] {
  return readdirSync(folder)
    .flatMap((file) => {
      const version = /^(\d+)_.*\.up\.sql$/.exec(file)?.[1];
      return version === undefined ? [] : [{ version: Number(version), file }];
    })
    .sort((one, other) => one.version - other.version);
}

/** Cut at every semicolon, as golang-migrate does it; what is only white space and comments is no statement. */
export function statementsOf(script: string): string[] {
  return script
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '');
}
