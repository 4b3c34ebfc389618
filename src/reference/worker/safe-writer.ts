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

/** Settings of the writer. */
export interface SafeWriterSettings {
  /** Most units of one insert. */
  readonly batchSize: number;
  /** Milliseconds in which units are gathered for one insert, and between two tries while ClickHouse is away. */
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
 * Inserts units in batches and confirms each when it is stored; a job waits for that. Nothing is dropped: while
 * ClickHouse is away units wait, and are tried again without end. An insert that is refused is tried with half
 * as many units, down to a single one: what is poison is rejected alone, and the others land.
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
    parts.signal.addEventListener('abort', () => this.#rejectAll(), { once: true });
  }

  /** Resolves when the unit's rows are stored. @throws Error of ClickHouse for a row that it can't read; the signal's reason */
  async write(unit: Unit): Promise<void> {
    this.#parts.signal.throwIfAborted();
    const confirmed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ unit, resolve, reject });
    });
    if (this.#waiting.length >= this.#settings.enough) this.#enough.abort();
    if (!this.#isRunning) void this.#run();
    await confirmed;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    let isAway = false;
    while (this.#waiting.length > 0) {
      const { signal } = this.#parts;
      await pause(
        this.#settings.intervalMs,
        isAway ? signal : AbortSignal.any([signal, this.#enough.signal]),
      );
      this.#enough = new AbortController();
      isAway = !(await this.#flush());
    }
    this.#isRunning = false;
  }

  /** Inserts what waits, until only time can help; what comes meanwhile is gathered anew. @returns whether it went on to the end */
  async #flush(): Promise<boolean> {
    for (let left = this.#waiting.length; left > 0 && this.#waiting.length > 0; ) {
      const batch = this.#waiting.slice(0, Math.min(this.#limit, left));
      try {
        await this.#insert(batch.map(({ unit }) => unit));
      } catch (error) {
        if (!this.#afterFailure(batch, error)) return false;
        if (batch.length === 1) left -= 1;
        continue;
      }
      left -= batch.length;
      this.#take(batch);
      for (const { resolve } of batch) resolve();
      this.#limit = Math.min(this.#limit * 2, this.#settings.batchSize);
    }
    return true;
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

  /** @returns whether it makes sense to go on at once */
  #afterFailure(batch: readonly Waiting[], error: unknown): boolean {
    const kind = this.#parts.kindOf(error);
    this.#parts.log.error({ err: error }, `Insert of ${batch.length} units failed: ${kind}`);
    if (batch.length > 1) {
      this.#limit = Math.ceil(batch.length / 2);
      return kind !== 'away';
    }
    this.#take(batch);
    if (kind === 'poison') {
      batch[0]?.reject(error);
      return true;
    }
    // To the end, so that it keeps no other from landing.
    if (!this.#parts.signal.aborted) this.#waiting.push(...batch);
    return false;
  }

  #take(batch: readonly Waiting[]): void {
    const taken = new Set(batch);
    this.#waiting = this.#waiting.filter((waiting) => !taken.has(waiting));
  }

  #rejectAll(): void {
    for (const { reject } of this.#waiting) reject(this.#parts.signal.reason);
    this.#waiting = [];
  }
}
