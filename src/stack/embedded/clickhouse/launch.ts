import { fileURLToPath } from 'node:url';

/** How one ClickHouse front is set up. */
export interface ClickHouseOptions {
  /** Folder for the data; made if absent. One process at a time. */
  readonly dataDir: string;
  /** A loopback address: the engine's `file()` and `url()` read what this process can read. */
  readonly host: string;
  /** TCP port of the HTTP interface; 0 takes a free one. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The database of requests that name none; made at the start if absent. */
  readonly database: string;
  /** The release whose default settings hold, for example `24.3`. */
  readonly compatibility: string;
  /** Sent as `X-ClickHouse-Server-Display-Name` with every answer, so that a caller knows its own server. */
  readonly displayName: string;
}

/** A process to start. `env` is to be added to the parent's environment. */
export interface LaunchSpec {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Names of the environment variables that carry {@link ClickHouseOptions} to the process. */
export const ENVIRONMENT = {
  dataDir: 'CLICKHOUSE_FRONT_DATA_DIR',
  host: 'CLICKHOUSE_FRONT_HOST',
  port: 'CLICKHOUSE_FRONT_PORT',
  user: 'CLICKHOUSE_FRONT_USER',
  password: 'CLICKHOUSE_FRONT_PASSWORD',
  database: 'CLICKHOUSE_FRONT_DATABASE',
  compatibility: 'CLICKHOUSE_FRONT_COMPATIBILITY',
  displayName: 'CLICKHOUSE_FRONT_DISPLAY_NAME',
} as const satisfies Record<keyof ClickHouseOptions, string>;

/**
 * Threads of libuv's pool. Every running query holds one, so this bounds the queries that run at the same
 * time; some are left over for KILL and compression.
 */
const THREADS = 64;

/** Bytes of request line and headers. The server takes URLs of 1 MiB (`http_max_uri_size`); node 16 KiB. */
const MAX_HEADER_BYTES = 2 * 1024 * 1024;

/**
 * How to start the ClickHouse of the embedded stack (server.ts). Once it takes requests it prints one line
 * `listening <port>` on its standard output; before that it exits with 1 and says why on its standard error. SIGTERM ends it
 * within a few seconds with 0; SIGKILL loses nothing that was acknowledged.
 */
export function clickhouseLaunch(options: ClickHouseOptions): LaunchSpec {
  return {
    command: process.execPath,
    args: [
      `--max-http-header-size=${MAX_HEADER_BYTES}`,
      fileURLToPath(new URL('./server.ts', import.meta.url)),
    ],
    env: {
      // Read once, when the process starts: too late for the process itself to set.
      UV_THREADPOOL_SIZE: String(THREADS),
      // The engine takes its time zone from the process. ClickHouse's containers run in UTC, and Langfuse relies on it.
      TZ: 'UTC',
      [ENVIRONMENT.dataDir]: options.dataDir,
      [ENVIRONMENT.host]: options.host,
      [ENVIRONMENT.port]: String(options.port),
      [ENVIRONMENT.user]: options.user,
      [ENVIRONMENT.password]: options.password,
      [ENVIRONMENT.database]: options.database,
      [ENVIRONMENT.compatibility]: options.compatibility,
      [ENVIRONMENT.displayName]: options.displayName,
    },
  };
}
