import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { resolveLibchdb } from 'chdb/libchdb';

/** One connection to the engine; opaque. */
export type Connection = { readonly __connection: unique symbol };

/** What a query gives: the formatted result and what it cost. `elapsed` is in seconds. */
export interface QueryOutput {
  readonly bytes: Uint8Array;
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

/** What an insert gives; rows of materialized views count too. `elapsed` is in seconds. */
export interface InsertOutput {
  readonly elapsed: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

/**
 * The four calls of chdb's native addon that the front needs. The asynchronous calls run on libuv's pool;
 * queries on one connection run one after another. A connection must not be closed while it runs something.
 */
export interface NativeEngine {
  /** `args` are in the form of the clickhouse-local command line. Throws without giving the reason. */
  CreateConnection(dataDir: string, args: readonly string[]): Connection;
  CloseConnection(connection: Connection): void;
  /** `format` applies when the SQL has no FORMAT clause. */
  QueryAsyncConnection(connection: Connection, sql: string, format: string): Promise<QueryOutput>;
  /** Runs `sql + '\n' + data`; `data` must not change until the promise settles. */
  InsertRawAsyncConnection(
    connection: Connection,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<InsertOutput>;
}

/**
 * Loads the addon of chdb 3.4.0. The addon itself, and not chdb's `Session`, because `Session.insert` takes
 * only some formats and plain table names, and `Session.close` waits for every query of the whole process.
 *
 * @throws ChdbPlatformUnsupportedError where chdb has no engine (Windows, musl)
 */
export function loadNativeEngine(): NativeEngine {
  const addonPackage = dirname(resolveLibchdb().path);
  return createRequire(import.meta.url)(addonPackage) as NativeEngine;
}
