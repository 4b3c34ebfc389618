import { type Clock, systemClock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';

/** Milliseconds between two attempts: a query may not have begun at the first, or be slow to notice. */
const INTERVAL_MS = 200;

/** Ends queries by their tag. One KILL runs at a time, so that many abandoned queries are no load of their own. */
export class Killer {
  readonly #kill: (tags: readonly string[]) => Promise<unknown>;
  readonly #clock: Clock;
  readonly #doomed = new Set<string>();
  #work: Promise<void> | undefined;

  constructor(kill: (tags: readonly string[]) => Promise<unknown>, clock: Clock = systemClock) {
    this.#kill = kill;
    this.#clock = clock;
  }

  /** Kills the query with that tag again and again, until {@link ended} is told of it. */
  doom(tag: string): void {
    this.#doomed.add(tag);
    this.#work ??= this.#killDoomed();
  }

  /** The query with that tag has ended, by itself or by the kill. */
  ended(tag: string): void {
    this.#doomed.delete(tag);
  }

  /** Resolves once nothing is left to kill and no KILL runs. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #killDoomed(): Promise<void> {
    while (this.#doomed.size > 0) {
      await this.#kill([...this.#doomed]).catch((error: unknown) => {
        process.stderr.write(`KILL QUERY failed: ${messageOf(error)}\n`);
      });
      await this.#clock.sleep(INTERVAL_MS);
    }
    this.#work = undefined;
  }
}
