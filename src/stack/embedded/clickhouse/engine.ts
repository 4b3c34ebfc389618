import { randomUUID } from 'node:crypto';
import { type EngineFiles, explainRefusal } from './data-directory.ts';
import { ClickHouseException } from './errors.ts';
import { Killer } from './killer.ts';
import { type Connection, loadNativeEngine, type NativeEngine } from './native.ts';
import { Slots } from './slots.ts';

/** One request to the engine. */
export interface Job {
  readonly sql: string;
  /** Data of an INSERT, complete; the engine reads it after `sql` and a line feed. */
  readonly data: Buffer | undefined;
  /** Format of the result when `sql` has no FORMAT clause. */
  readonly format: string;
  readonly database: string;
  /** Settings and `{name:Type}` parameters as they stood in the URL. */
  readonly settings: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, string>;
  /** When it aborts, a job that waits is dropped and a job that runs is killed. */
  readonly signal: AbortSignal | undefined;
}

/** What a job gave. */
export interface Outcome {
  readonly output: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
  readonly elapsedSeconds: number;
}

/**
 * Settings of every connection. The engine is ClickHouse 26.7; with the defaults of the release that a Langfuse was made for, bugs
 * that a newer default would heal stay visible. The size limit is for the SET that carries the parameters.
 */
const connectionArgs = (compatibility: string) => [
  `--compatibility=${compatibility}`,
  '--implicit_select=0',
  '--max_query_size=1073741824',
];

/** The server's default, put back for the query itself. */
const MAX_QUERY_SIZE = '262144';

/** Threads of the pool that no query takes, so that a KILL or a decompression never waits for one. */
const SPARE_THREADS = 8;

/**
 * The ClickHouse engine on one data directory.
 *
 * Every job has a connection of its own (0.3 ms): settings and parameters belong to a connection, and the
 * parameters of chdb's bound queries mix up silently when several run at once, so they are SET instead.
 */
export class Engine {
  readonly version: string;
  readonly #native: NativeEngine;
  readonly #path: string;
  readonly #connectionArgs: string[];
  /** Keeps the engine loaded between jobs, and kills. */
  readonly #master: Connection;
  readonly #slots: Slots;
  readonly #killer: Killer;
  /** What runs or waits, by its tag. */
  readonly #running = new Map<string, Promise<unknown>>();
  #closing = false;

  private constructor(
    native: NativeEngine,
    path: string,
    connectionArgs: string[],
    master: Connection,
    version: string,
    threads: number,
  ) {
    this.#native = native;
    this.#path = path;
    this.#connectionArgs = connectionArgs;
    this.#master = master;
    this.version = version;
    this.#slots = new Slots(threads - SPARE_THREADS);
    this.#killer = new Killer((tags) => native.QueryAsyncConnection(master, killQuery(tags), 'Null'));
  }

  /**
   * Loads the engine and makes the database if it is absent.
   *
   * @param options `threads` of libuv's pool; the other two as in `ClickHouseOptions`
   * @throws ChaosError `E_CLICKHOUSE_DATA_IN_USE` or `E_CLICKHOUSE_ENGINE`
   */
  static async open(
    files: EngineFiles,
    { database, compatibility, threads }: { database: string; compatibility: string; threads: number },
  ): Promise<Engine> {
    try {
      const native = loadNativeEngine();
      const args = connectionArgs(compatibility);
      const master = native.CreateConnection(files.enginePath, [
        ...args,
        `--config-file=${files.configFile}`,
      ]);
      const version = await native.QueryAsyncConnection(master, 'SELECT version()', 'TSVRaw');
      await native.QueryAsyncConnection(
        master,
        `CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`,
        'Null',
      );
      return new Engine(
        native,
        files.enginePath,
        args,
        master,
        Buffer.from(version.bytes).toString().trim(),
        threads,
      );
    } catch (error) {
      throw await explainRefusal(files.enginePath, error);
    }
  }

  /** Runs a job to its end. @throws ClickHouseException the engine's own error */
  async run(job: Job): Promise<Outcome> {
    const tag = randomUUID();
    const running = this.#slots.run(() => this.#runNow(job, tag));
    this.#running.set(tag, running);
    try {
      return await running;
    } catch (error) {
      throw ClickHouseException.from(error);
    } finally {
      this.#running.delete(tag);
      this.#killer.ended(tag);
    }
  }

  /** Kills what still runs and unloads the engine once all of it has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const tag of this.#running.keys()) this.#killer.doom(tag);
    await Promise.allSettled(this.#running.values());
    await this.#killer.idle();
    this.#native.CloseConnection(this.#master);
  }

  async #runNow(job: Job, tag: string): Promise<Outcome> {
    job.signal?.throwIfAborted();
    if (this.#closing) throw ClickHouseException.refuse(236, 'ABORTED', 'The server is shutting down');
    const connection = this.#native.CreateConnection(this.#path, this.#connectionArgs);
    const onAbort = () => this.#killer.doom(tag);
    job.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#native.QueryAsyncConnection(connection, preamble(job, tag), 'Null');
      return await this.#start(connection, job);
    } finally {
      // Only here has the query ended, killed or not.
      this.#native.CloseConnection(connection);
      job.signal?.removeEventListener('abort', onAbort);
    }
  }

  async #start(connection: Connection, job: Job): Promise<Outcome> {
    if (job.data === undefined) {
      const result = await this.#native.QueryAsyncConnection(connection, job.sql, job.format);
      const { bytes, elapsed, rowsRead, bytesRead } = result;
      return { output: bytes, rowsRead, bytesRead, rowsWritten: 0, bytesWritten: 0, elapsedSeconds: elapsed };
    }
    const result = await this.#native.InsertRawAsyncConnection(connection, job.sql, job.data, false);
    return {
      output: new Uint8Array(),
      rowsRead: result.rowsWritten,
      bytesRead: result.bytesWritten,
      rowsWritten: result.rowsWritten,
      bytesWritten: result.bytesWritten,
      elapsedSeconds: result.elapsed,
    };
  }
}

/** Ends the queries with these tags; one that is gone is no error. */
export function killQuery(tags: readonly string[]): string {
  return `KILL QUERY WHERE splitByChar(' ', Settings['log_comment'])[1] IN (${tags.map(quoteText).join(', ')}) ASYNC`;
}

/**
 * The statements that give a fresh connection the database, the settings and the parameters of a job. The
 * tag stands before the caller's own log_comment, and is how a running query is found again: the engine
 * gives each query an id of its own, whatever `query_id` the caller sent.
 */
export function preamble(job: Pick<Job, 'database' | 'settings' | 'params'>, tag: string): string {
  const settings = new Map([['max_query_size', MAX_QUERY_SIZE], ...job.settings]);
  settings.set('log_comment', `${tag} ${job.settings.get('log_comment') ?? ''}`);
  const changes: string[] = [];
  for (const [name, value] of settings) changes.push(`${settingName(name)} = ${quoteText(value)}`);
  for (const [name, value] of job.params) changes.push(`param_${parameterName(name)} = ${quoteText(value)}`);
  return `USE ${quoteName(job.database)}; SET ${changes.join(', ')}`;
}

function settingName(name: string): string {
  if (/^[A-Za-z_][\w.]*$/.test(name)) return name;
  throw ClickHouseException.refuse(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`);
}

function parameterName(name: string): string {
  if (/^\w+$/.test(name)) return name;
  throw ClickHouseException.refuse(36, 'BAD_ARGUMENTS', `Parameter name '${name}' is not an identifier`);
}

function quoteText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}
