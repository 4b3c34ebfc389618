import pg from 'pg';
import { PostgresError } from './errors.ts';
import type { Logger } from './log.ts';

/** Longest wait for a new connection, milliseconds; Prisma's default in Langfuse. */
const CONNECT_TIMEOUT = 5000;

const NOT_REACHED = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Key of the advisory lock under which the tables are made: two web processes may start at once. */
const SCHEMA_LOCK = 3_360_000;

/** The few columns of Langfuse's tables that the pipeline reads or writes. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS organizations (
    id text PRIMARY KEY, name text NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS projects (
    id text PRIMARY KEY, name text NOT NULL, org_id text NOT NULL REFERENCES organizations (id),
    created_at timestamptz(3) NOT NULL DEFAULT now(), deleted_at timestamptz(3));
  CREATE TABLE IF NOT EXISTS api_keys (
    id text PRIMARY KEY, public_key text NOT NULL UNIQUE, hashed_secret_key text NOT NULL UNIQUE,
    fast_hashed_secret_key text UNIQUE, display_secret_key text NOT NULL, note text,
    project_id text NOT NULL REFERENCES projects (id), created_at timestamptz(3) NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS trace_sessions (
    id text NOT NULL, project_id text NOT NULL, created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (id, project_id));
  CREATE TABLE IF NOT EXISTS models (
    id text PRIMARY KEY, project_id text, model_name text NOT NULL, match_pattern text NOT NULL,
    start_date timestamptz(3));
  CREATE TABLE IF NOT EXISTS prompts (
    id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, version integer NOT NULL,
    created_by text NOT NULL, prompt jsonb NOT NULL,
    UNIQUE (project_id, name, version));
  CREATE TABLE IF NOT EXISTS score_configs (
    id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, data_type text NOT NULL,
    is_archived boolean NOT NULL DEFAULT false);
`;

/** The database of organisations, keys and sessions. Every failure comes out as a {@link PostgresError}. */
export class Postgres {
  readonly #pool: pg.Pool;
  readonly #place: string;

  /**
   * @param url `postgresql://user:password@host:port/database`; connects at the first query
   * @param more what differs from Langfuse's pool, which has no limit on the time of a query
   */
  constructor(url: string, log: Logger, more: pg.PoolConfig = {}) {
    this.#pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT, ...more });
    // Without a listener an idle connection that breaks would end the process.
    this.#pool.on('error', (error) => log.warn({ err: error }, 'Postgres connection lost'));
    this.#place = URL.canParse(url) ? new URL(url).host : 'DATABASE_URL';
  }

  /** Runs one statement. @throws PostgresError */
  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Makes the tables that are missing. @throws PostgresError */
  async createTables(): Promise<void> {
    try {
      await this.#pool.query(`BEGIN; SELECT pg_advisory_xact_lock(${SCHEMA_LOCK}); ${SCHEMA} COMMIT;`);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  #failure(cause: unknown): PostgresError {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const code = 'code' in error ? String(error.code) : '';
    const message =
      NOT_REACHED.has(code) || error.message.includes('timeout')
        ? `Can't reach database server at \`${this.#place}\``
        : error.message;
    return new PostgresError(message, { cause });
  }
}
