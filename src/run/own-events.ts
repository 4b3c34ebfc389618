import type { Random } from '../base/random.ts';
import { withMark } from '../langfuse/mark.ts';
import { INGESTION_PATH, type PlannedRequest, VIRTUAL_START } from '../traffic/request.ts';

/**
 * Makes the requests that the harness sends on its own account, for a probe or to see that the target works: one
 * trace each. They are events of the run like all others, recorded and judged.
 */
export class OwnEvents {
  readonly #random: Random;
  #next: number;

  /** @param firstMark the first number that no event of the traffic has as its mark */
  constructor(random: Random, firstMark: number) {
    this.#random = random;
    this.#next = firstMark;
  }

  /** One trace named after the purpose, due at once, and the number of its mark. */
  make(purpose: string): { readonly request: PlannedRequest; readonly mark: number } {
    const mark = this.#next++;
    const eventId = this.#random.hex(32);
    const event = withMark(
      {
        id: eventId,
        timestamp: new Date(VIRTUAL_START).toISOString(),
        type: 'trace-create',
        body: { id: this.#random.hex(32), timestamp: new Date(VIRTUAL_START).toISOString(), name: purpose },
      },
      mark,
    );
    return {
      mark,
      request: { at: 0, path: INGESTION_PATH, body: JSON.stringify({ batch: [event] }), eventIds: [eventId] },
    };
  }
}
