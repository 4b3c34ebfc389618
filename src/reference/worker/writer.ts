import { TABLES, type Table } from '../tables.ts';

/** Settings of the writer; Langfuse's variables LANGFUSE_INGESTION_CLICKHOUSE_… */
export interface WriterSettings {
  /** Most rows of one insert; a buffer that reaches it is flushed at once. */
  readonly batchSize: number;
  /** Milliseconds between flushes. */
  readonly intervalMs: number;
  /** Inserts that a row takes part in before it is dropped. */
  readonly maxAttempts: number;
}

/** What the writer needs of a logger. */
export interface WriterLog {
  info(message: string): void;
  error(fields: { err?: unknown }, message: string): void;
}

interface BufferedRow {
  readonly row: object;
  readonly attempt: number;
}

/**
 * Buffers rows in memory and inserts them table by table (worker/src/services/ClickhouseWriter at v3.36.0). By the
 * time a row is here its job counts as done, so nothing else remembers it: a row that fails `maxAttempts` inserts,
 * about an interval apart, is dropped with a line in the log, and a killed process loses the buffer.
 */
export class ClickHouseWriter {
  readonly #insert: (table: Table, rows: readonly object[]) => Promise<void>;
  readonly #settings: WriterSettings;
  readonly #log: WriterLog;
  readonly #buffers: Record<Table, BufferedRow[]> = {
    traces: [],
    scores: [],
    observations: [],
    event_log: [],
  };
  #timer: NodeJS.Timeout | undefined;
  #flushing = false;

  constructor(
    insert: (table: Table, rows: readonly object[]) => Promise<void>,
    settings: WriterSettings,
    log: WriterLog,
  ) {
    this.#insert = insert;
    this.#settings = settings;
    this.#log = log;
  }

  /** Starts the flushes by interval. One that takes longer than the interval makes the next ones be left out. */
  start(): void {
    const { intervalMs, batchSize } = this.#settings;
    this.#log.info(`Starting ClickhouseWriter. Max interval: ${intervalMs} ms, Max batch size: ${batchSize}`);
    this.#timer = setInterval(() => void this.#flushByInterval(), intervalMs);
  }

  /** Buffers a row. While a buffer is at batch size, each further row starts one more flush, side by side. */
  add(table: Table, row: object): void {
    const buffer = this.#buffers[table];
    buffer.push({ row, attempt: 1 });
    if (buffer.length >= this.#settings.batchSize) void this.#flush(table, this.#settings.batchSize);
  }

  /** Rows in memory that no insert is under way for. */
  buffered(table: Table): number {
    return this.#buffers[table].length;
  }

  /**
   * Ends the interval and inserts everything once. Rows that fail stay in memory, and so are lost; a flush that is
   * under way is not waited for.
   */
  async shutdown(): Promise<void> {
    this.#log.info('Shutting down ClickhouseWriter...');
    clearInterval(this.#timer);
    await Promise.all(TABLES.map((table) => this.#flush(table, Number.POSITIVE_INFINITY)));
    this.#log.info('ClickhouseWriter shutdown complete.');
  }

  async #flushByInterval(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    await Promise.all(TABLES.map((table) => this.#flush(table, this.#settings.batchSize)));
    this.#flushing = false;
  }

  async #flush(table: Table, limit: number): Promise<void> {
    const buffer = this.#buffers[table];
    if (buffer.length === 0) return;
    const batch = buffer.splice(0, limit);
    try {
      await this.#insert(
        table,
        batch.map(({ row }) => row),
      );
    } catch (error) {
      this.#log.error({ err: error }, `ClickhouseWriter.flush ${table}`);
      for (const { row, attempt } of batch) {
        if (attempt < this.#settings.maxAttempts) buffer.push({ row, attempt: attempt + 1 });
        else this.#log.error({}, `Max attempts reached for ${table} record. Dropping record ${row}.`);
      }
    }
  }
}
