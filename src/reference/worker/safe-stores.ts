import { ClickHouse } from '../clickhouse.ts';
import type { WorkerEnv } from '../env.ts';
import type { Logger } from '../log.ts';
import { Postgres } from '../postgres.ts';
import { EventStore, type StoredPage } from '../s3.ts';
import { CLICKHOUSE_LIMITS, POSTGRES_LIMITS, S3_LIMITS } from '../safe-limits.ts';
import { type Patience, patiently } from '../safe-patience.ts';
import { isGoneInS3, isHopelessInPostgres } from './safe-failures.ts';

/*
 * What the worker asks, with patience: a job that needs ClickHouse, Postgres or S3 while it is away waits for it and
 * does not fail, so no attempt is used up and nothing has to be retried by hand.
 */

/** Reads of ClickHouse that wait for it. Inserts don't: the writer waits by itself. */
export class PatientClickHouse extends ClickHouse {
  readonly #patience: Patience;

  constructor(env: WorkerEnv, patience: Patience) {
    super(env, CLICKHOUSE_LIMITS);
    this.#patience = patience;
  }

  override query<Row>(sql: string, params: Record<string, unknown> = {}): Promise<Row[]> {
    return patiently('ClickHouse', () => super.query<Row>(sql, params), this.#patience);
  }
}

/** Statements that wait for Postgres. */
export class PatientPostgres extends Postgres {
  readonly #patience: Patience;

  constructor(url: string, log: Logger, patience: Patience) {
    super(url, log, POSTGRES_LIMITS);
    this.#patience = { ...patience, isHopeless: isHopelessInPostgres };
  }

  override query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return patiently('Postgres', () => super.query<Row>(sql, values), this.#patience);
  }
}

/** Listings and downloads that wait for S3. */
export class PatientStore extends EventStore {
  readonly #patience: Patience;

  constructor(env: WorkerEnv, log: Logger, patience: Patience) {
    super(env, log, S3_LIMITS);
    this.#patience = { ...patience, isHopeless: isGoneInS3 };
  }

  override listPage(prefix: string, token: string | undefined): Promise<StoredPage> {
    return patiently('S3', () => super.listPage(prefix, token), this.#patience);
  }

  override get(key: string): Promise<string> {
    return patiently('S3', () => super.get(key), this.#patience);
  }

  /** Every object under a prefix, page by page. */
  async *listAll(prefix: string): AsyncGenerator<StoredPage['files']> {
    let token: string | undefined;
    do {
      const { files, next } = await this.listPage(prefix, token);
      yield files;
      token = next;
    } while (token);
  }
}
