import { pause } from '../safe-patience.ts';
import type { Table } from '../tables.ts';
import type { WriterLog } from './writer.ts';

/** Rows that land together, and the rows of `event_log` that say so and are written after them. */
export interface Unit {
  readonly rows: readonly { readonly table: Table; readonly row: object }[];
  readonly ledger: readonly object[];
}

/**
 * What an insert that failed says: `poison` if ClickHouse can't read a row, `answered` if it refused for another
 * reason, `away` if it gave no answer.
 */
export type FailureKind = 'poison' | 'answered' | 'away';

/** ClickHouse has not taken a unit, and may take it later. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

/** Settings of the writer. */
export interface SafeWriterSettings {
  /** Most units of one insert. */
  readonly batchSize: number;
  /** Milliseconds in which units are gathered for one insert. */
  readonly intervalMs: number;
  /** Units that are worth an insert before that: jobs wait for it, and no more come than may be under way. */
  readonly enough: number;
}

/** What the writer works with. */
export interface SafeWriterParts {
  readonly insert: (table: Table, rows: readonly object[]) => Promise<void>;
  readonly kindOf: (error: unknown) => FailureKind;
  readonly log: WriterLog;
  /** Ends the writer: what is not confirmed by then is rejected, for its job to be run again. */
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly unit: Unit;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Inserts units in batches and confirms each when it is stored; a job waits for that. Nothing is dropped: what
 * ClickHouse does not take is given back, for its job to make it anew, since by then more may be known of the entity. An insert
 * that is refused is tried with half as many units, down to a single one: what is poison is rejected alone, and the others land.
 */
export class SafeWriter {
  readonly #parts: SafeWriterParts;
  readonly #settings: SafeWriterSettings;
  #waiting: Waiting[] = [];
  /** Units of the next insert: halved by a failure, doubled by a success. */
  #limit: number;
  #isRunning = false;
  /** Aborts when enough units wait for an insert. */
  #enough = new AbortController();

  constructor(settings: SafeWriterSettings, parts: SafeWriterParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#limit = settings.batchSize;
  }

  /**
   * Resolves when the unit's rows are stored.
   * @throws NotStored; Error of ClickHouse for a row that it can't read; the signal's reason
   */
  async write(unit: Unit): Promise<void> {
    const { signal } = this.#parts;
    signal.throwIfAborted();
    const { promise: confirmed, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push({ unit, resolve, reject });
    if (this.#waiting.length >= this.#settings.enough) this.#enough.abort();
    if (!this.#isRunning) void this.#run();
    try {
      await confirmed;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      await pause(this.#settings.intervalMs, AbortSignal.any([this.#parts.signal, this.#enough.signal]));
      this.#enough = new AbortController();
      await this.#flush();
    }
    this.#isRunning = false;
  }

  /** Tries all that waits; what comes meanwhile is gathered anew. */
  async #flush(): Promise<void> {
    let left = this.#waiting;
    this.#waiting = [];
    while (left.length > 0) {
      const batch = left.slice(0, this.#limit);
      try {
        await this.#insert(batch.map(({ unit }) => unit));
        this.#limit = Math.min(this.#limit * 2, this.#settings.batchSize);
      } catch (error) {
        const kind = this.#parts.kindOf(error);
        this.#parts.log.error({ err: error }, `Insert of ${batch.length} units failed: ${kind}`);
        this.#limit = Math.ceil(batch.length / 2);
        if (kind !== 'away' && batch.length > 1) continue;
        const reason =
          kind === 'poison' ? error : new NotStored('ClickHouse did not take the rows', { cause: error });
        for (const { reject } of batch) reject(reason);
      }
      for (const { resolve } of batch) resolve();
      left = left.slice(batch.length);
    }
  }

  async #insert(units: readonly Unit[]): Promise<void> {
    const byTable = Map.groupBy(
      units.flatMap(({ rows }) => rows),
      ({ table }) => table,
    );
    await Promise.all(
      [...byTable].map(([table, rows]) =>
        this.#parts.insert(
          table,
          rows.map(({ row }) => row),
        ),
      ),
    );
    const ledger = units.flatMap((unit) => unit.ledger);
    if (ledger.length > 0) await this.#parts.insert('event_log', ledger);
  }
}
