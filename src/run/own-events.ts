import type { Random } from '../base/random.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../langfuse/endpoints.ts';
import type { EventType } from '../langfuse/events.ts';
import { withMark, withSpanMarks } from '../langfuse/mark.ts';
import type { ExportedSpans } from '../langfuse/otlp.ts';
import type { OddTrafficSpec } from '../scenario/scenario.ts';
import { bindOddTraffic } from '../traffic/odd/catalogue.ts';
import { type PlannedRequest, VIRTUAL_START } from '../traffic/request.ts';

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
  #made = 0;

  /** @param firstMark the first number that no event of the traffic has as its mark */
  constructor(random: Random, firstMark: number) {
    this.#random = random;
    this.#nextMark = firstMark;
  }

  /** How many events were made so far; those of odd traffic are the scenario's and not among them. */
  get made(): number {
    return this.#made;
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
    this.#made += batch.length;
    return { request, marks };
  }

  /** A request to one of the endpoints that write, due at once; what it writes is named after the purpose where there is a place for it. */
  makeFor(path: WritingPath, purpose: string): PlannedRequest {
    if (path === INGESTION_PATH) return this.make(purpose).request;
    const request = path === SPANS_PATH ? this.#makeSpan(purpose) : this.#makeScore();
    this.#made += request.eventIds.length;
    return request;
  }

  #makeSpan(name: string): PlannedRequest {
    const at = `${VIRTUAL_START}000000`;
    const bare = {
      traceId: this.#random.hex(32),
      spanId: this.#random.hex(16),
      name,
      startTimeUnixNano: at,
      endTimeUnixNano: at,
    };
    const span = withSpanMarks(bare, this.#nextMark++, this.#nextMark++);
    const body: ExportedSpans = {
      resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-chaos' }, spans: [span] }] }],
    };
    return { at: 0, path: SPANS_PATH, body: JSON.stringify(body), eventIds: [span.spanId] };
  }

  #makeScore(): PlannedRequest {
    const id = this.#random.hex(32);
    const score = { id, traceId: this.#random.hex(32), name: 'probe', value: 1 };
    const { body } = withMark({ id, timestamp: '', type: 'score-create', body: score }, this.#nextMark++);
    return { at: 0, path: SCORES_PATH, body: JSON.stringify(body), eventIds: [id] };
  }
}

/** The endpoints that write, of those that a probe asks. */
export type WritingPath = typeof INGESTION_PATH | typeof SPANS_PATH | typeof SCORES_PATH;
