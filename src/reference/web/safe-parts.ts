import { ClickHouse } from '../clickhouse.ts';
import { PostgresError, unavailable } from '../errors.ts';
import { Auth, type AuthResult } from './auth.ts';

/** Checks keys, and says 503 while Postgres can't be asked about them, or may not yet have them. */
export class SafeAuth extends Auth {
  #isOpen = false;

  /** Postgres has its tables and keys: from now on a key that is not there is a wrong one. */
  open(): void {
    this.#isOpen = true;
  }

  /** @throws ApiError 503 */
  override async check(header: string | undefined): Promise<AuthResult> {
    if (!this.#isOpen) throw unavailable('Postgres is not available');
    try {
      return await super.check(header);
    } catch (error) {
      throw error instanceof PostgresError ? unavailable('Postgres is not available') : error;
    }
  }
}

/** Reads of ClickHouse, which say 503 while it does not answer as it should. */
export class SafeClickHouse extends ClickHouse {
  /** @throws ApiError 503 */
  override async query<Row>(sql: string, params: Record<string, unknown> = {}): Promise<Row[]> {
    try {
      return await super.query<Row>(sql, params);
    } catch (error) {
      throw unavailable(
        `ClickHouse is not available: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
