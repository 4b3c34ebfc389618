import type pg from 'pg';
import type { Stack } from '../../stack/stack.ts';
import { connect } from './connection.ts';

/** By this name Postgres knows the connections that are held. */
const NAME = 'langfuse-chaos-holds';

/** Ends all sessions but those that are held. */
const END_OTHERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND application_name <> '${NAME}'`;

/** Holds connections to Postgres and does nothing with them. */
export class Holder {
  readonly #stack: Stack;
  readonly #held = new Set<pg.Client>();
  #released = false;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Takes every connection that Postgres has, those of others included. */
  async takeAll(): Promise<void> {
    while (!this.#released) {
      const client = await connect(this.#stack, NAME);
      if (client) {
        this.#keep(client);
        continue;
      }
      const [one] = this.#held;
      // All are another process's: then it is done.
      if (!one) return;
      const { rowCount } = await one.query(END_OTHERS);
      if (rowCount === 0) return;
    }
  }

  /** Lets all go. */
  async release(): Promise<void> {
    this.#released = true;
    await Promise.all([...this.#held].map((client) => client.end().catch(() => {})));
  }

  #keep(client: pg.Client): void {
    client.on('end', () => this.#held.delete(client));
    this.#held.add(client);
    if (this.#released) void client.end().catch(() => {});
  }
}
