import type { Random } from '../base/random.ts';
import type { EventType } from '../langfuse/events.ts';
import { withMark } from '../langfuse/mark.ts';
import type { OddTrafficSpec } from '../scenario/scenario.ts';
import { bindOddTraffic } from '../traffic/odd/catalogue.ts';
import { INGESTION_PATH, type PlannedRequest, VIRTUAL_START } from '../traffic/request.ts';

/** A request of the harness's own, and the numbers of its events' marks. */
export interface OwnRequest {
  readonly request: PlannedRequest;
  readonly marks: readonly number[];
}

/**
 * Makes the requests that the harness sends on its own account, for a probe or to see that the target works: a trace
 * with a span and a score, so that each of Langfuse's tables is written to. They are events of the run like all
 * others, recorded and judged, but a run in which nothing else was acknowledged has put nothing to the test.
 */
export class OwnEvents {
  readonly #random: Random;
  #nextMark: number;

  /** @param firstMark the first number that no event of the traffic has as its mark */
  constructor(random: Random, firstMark: number) {
    this.#random = random;
    this.#nextMark = firstMark;
  }

  /** The requests of odd traffic, due in milliseconds from now. */
  makeOdd(spec: OddTrafficSpec): readonly PlannedRequest[] {
    const random = this.#random.fork(`odd ${this.#nextMark}`);
    return bindOddTraffic(spec).make({ random, nextMark: () => this.#nextMark++ });
  }

  /** A request due at once, its trace named after the purpose. */
  make(purpose: string): OwnRequest {
    const timestamp = new Date(VIRTUAL_START).toISOString();
    const traceId = this.#random.hex(32);
    const marks: number[] = [];
    const event = (type: EventType, body: Readonly<Record<string, unknown>>) => {
      const mark = this.#nextMark++;
      marks.push(mark);
      return withMark({ id: this.#random.hex(32), timestamp, type, body }, mark);
    };
    const batch = [
      event('trace-create', { id: traceId, timestamp, name: purpose }),
      event('span-create', { id: this.#random.hex(32), traceId, startTime: timestamp, name: purpose }),
      event('score-create', { id: this.#random.hex(32), traceId, name: 'probe', value: 1 }),
    ];
    const request = {
      at: 0,
      path: INGESTION_PATH,
      body: JSON.stringify({ batch }),
      eventIds: batch.map(({ id }) => id),
    };
    return { request, marks };
  }
}
