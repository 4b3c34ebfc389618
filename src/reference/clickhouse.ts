import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import type { SharedEnv } from './env.ts';

/** A time as ClickHouse takes it in a query parameter of type DateTime64(3), in UTC. */
export const toClickHouseTime = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '');

/** A time as ClickHouse gives it back, in UTC. */
export const fromClickHouseTime = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);

/** What may differ from Langfuse's client. */
export interface ClickHouseOptions {
  /** Milliseconds that an answer may take. */
  readonly request_timeout?: number;
  readonly clickhouse_settings?: ClickHouseSettings;
}

/**
 * ClickHouse over HTTP. Each call has a client, and with it a socket and a look-up of the host name, of its own:
 * at v3.36.0 Langfuse makes a client per call too, so that a name that is gone is felt at once
 * (packages/shared/src/server/clickhouse/client.ts). Time-out 30 s, no retries; both are the client's own defaults.
 */
export class ClickHouse {
  readonly #env: SharedEnv;
  readonly #more: ClickHouseOptions;

  constructor(env: SharedEnv, more: ClickHouseOptions = {}) {
    this.#env = env;
    this.#more = more;
  }

  /** Rows of a SELECT. @param params values of `{name: Type}` in the text */
  async query<Row>(sql: string, params: Record<string, unknown> = {}): Promise<Row[]> {
    await using client = this.#client();
    const answer = await client.query({ query: sql, query_params: params, format: 'JSONEachRow' });
    // Awaited here: when the client is closed, an answer that is still being read breaks off.
    return await answer.json<Row>();
  }

  /** One INSERT, answered when ClickHouse has stored the rows: all of them or, if one can't be read, none. */
  async insert(table: string, rows: readonly object[]): Promise<void> {
    await using client = this.#client();
    await client.insert({ table, values: [...rows], format: 'JSONEachRow' });
  }

  /** A statement without a result. */
  async command(sql: string): Promise<void> {
    await using client = this.#client();
    await client.command({ query: sql });
  }

  #client() {
    return createClient({
      url: this.#env.CLICKHOUSE_URL,
      username: this.#env.CLICKHOUSE_USER,
      password: this.#env.CLICKHOUSE_PASSWORD,
      database: this.#env.CLICKHOUSE_DB,
      clickhouse_settings: { async_insert: 1, wait_for_async_insert: 1 },
      log: { level: ClickHouseLogLevel.OFF },
      ...this.#more,
    });
  }
}
