import type { EntityFolder } from './reconcile.ts';

/**
 * Months that the rows of replayed entities may fall into before what was replayed is waited for. ClickHouse refuses an INSERT into more
 * than 100 partitions (`max_partitions_per_insert_block`), a month each in Langfuse's tables, and then the worker drops all of its rows. The traffic
 * beside the replay needs some for itself.
 */
export const MOST_MONTHS = 90;

/** The months that may meet in the worker's buffer, and the entities that were replayed last. */
export class Months {
  readonly #open = new Set<string>();
  #last: readonly EntityFolder[] = [];

  /** The entities that were replayed last: jobs are worked off in about their order, so once these have landed, those before have too. */
  get last(): readonly EntityFolder[] {
    return this.#last;
  }

  /** Whether a row of this month may come to those under way. @param month undefined when it is not known */
  hasRoomFor(month: string | undefined): boolean {
    return month === undefined || this.#open.size < MOST_MONTHS || this.#open.has(month);
  }

  open(month: string | undefined): void {
    if (month !== undefined) this.#open.add(month);
  }

  /** Entities were replayed. */
  replayed(folders: readonly EntityFolder[]): void {
    if (folders.length > 0) this.#last = folders;
  }

  /** All that was under way has landed. */
  landed(): void {
    this.#open.clear();
  }
}
