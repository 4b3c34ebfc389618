import type { Random } from '../base/random.ts';
import { INGESTION_PATH, SCORES_PATH, SPANS_PATH } from '../langfuse/endpoints.ts';
import type { EventType, IngestionEvent } from '../langfuse/events.ts';
import { marksOfMetadata, withMark, withSpanMarks } from '../langfuse/mark.ts';
import type { ExportedSpans, KeyValue } from '../langfuse/otlp.ts';
import { eventsOfExport, type SpanForm } from '../langfuse/span-events.ts';
import type { OddTrafficSpec, Protocol } from '../scenario/scenario.ts';
import { bindOddTraffic } from '../traffic/odd/catalogue.ts';
import { type PlannedRequest, VIRTUAL_START } from '../traffic/request.ts';

/** What Langfuse counts the tokens of: a model that it has a tokenizer for, and no usage. */
const COUNTED = { model: 'gpt-4o', input: 'ping', output: 'pong' } as const;
const COUNTED_ATTRIBUTES: KeyValue[] = Object.entries({
  'langfuse.observation.type': 'generation',
  'langfuse.observation.model.name': COUNTED.model,
  'langfuse.observation.input': COUNTED.input,
  'langfuse.observation.output': COUNTED.output,
}).map(([key, value]) => ({ key, value: { stringValue: value } }));

/** Requests of the harness's own, and the numbers of the marks that they leave in what is stored. */
export interface OwnRequests {
  readonly requests: readonly PlannedRequest[];
  readonly marks: readonly number[];
  /** What they are for, and the name of their trace. */
  readonly purpose: string;
}

/**
 * Makes the requests that the harness sends on its own account, for a probe or to see that the target works: a trace
 * with a span and a score, so that each of Langfuse's tables is written to. They go the way of the scenario's traffic. They are events of the run like all
 * others, recorded and judged, but a run in which nothing else was acknowledged has put nothing to the test.
 */
export class OwnEvents {
  readonly #random: Random;
  readonly #protocol: Protocol;
  readonly #form: SpanForm;
  #nextMark: number;
  #made = 0;

  /**
   * @param firstMark the first number that no event of the traffic has as its mark
   * @param protocol how traces and observations are sent
   * @param form what the target makes of spans
   */
  constructor(
    random: Random,
    firstMark: number,
    protocol: Protocol = 'ingestion',
    form: SpanForm = 'web converts',
  ) {
    this.#random = random;
    this.#nextMark = firstMark;
    this.#protocol = protocol;
    this.#form = form;
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

  /**
   * Requests due at once, their trace named after the purpose.
   *
   * @param observation a generation without usage makes the target count tokens, for which it may have to start threads first
   */
  make(purpose: string, observation: 'span' | 'generation' = 'span'): OwnRequests {
    const traceId = this.#random.hex(32);
    const made =
      this.#protocol === 'otlp'
        ? [this.#span(purpose, traceId, observation), this.#batch([this.#score(traceId)])]
        : [this.#batch([...this.#trace(purpose, traceId, observation), this.#score(traceId)])];
    return {
      requests: made.map(({ request }) => request),
      marks: made.flatMap(({ marks }) => marks),
      purpose,
    };
  }

  /** A request to one of the endpoints that write, due at once; what it writes is named after the purpose where there is a place for it. */
  makeFor(path: WritingPath, purpose: string): PlannedRequest {
    const traceId = this.#random.hex(32);
    if (path === SPANS_PATH) return this.#span(purpose, traceId).request;
    if (path === SCORES_PATH) return this.#scoreAlone(traceId);
    // All that the endpoint takes of a target that refuses traces and observations there.
    const first = this.#form === 'one row' ? [] : this.#trace(purpose, traceId);
    return this.#batch([...first, this.#score(traceId)]).request;
  }

  /** The endpoint by which traces are sent. */
  get tracesPath(): WritingPath {
    return this.#protocol === 'otlp' ? SPANS_PATH : INGESTION_PATH;
  }

  #trace(name: string, traceId: string, observation: 'span' | 'generation' = 'span'): IngestionEvent[] {
    const timestamp = new Date(VIRTUAL_START).toISOString();
    const body = { id: this.#random.hex(32), traceId, startTime: timestamp, name };
    return [
      this.#event('trace-create', { id: traceId, timestamp, name }),
      observation === 'span'
        ? this.#event('span-create', body)
        : this.#event('generation-create', { ...body, ...COUNTED }),
    ];
  }

  #score(traceId: string): IngestionEvent {
    return this.#event('score-create', { id: this.#random.hex(32), traceId, name: 'probe', value: 1 });
  }

  #event(type: EventType, body: Readonly<Record<string, unknown>>): IngestionEvent {
    const timestamp = new Date(VIRTUAL_START).toISOString();
    return { id: this.#random.hex(32), timestamp, type, body };
  }

  #batch(events: readonly IngestionEvent[]): { readonly request: PlannedRequest; readonly marks: number[] } {
    const marks: number[] = [];
    const batch = events.map((event) => {
      const mark = this.#nextMark++;
      marks.push(mark);
      return withMark(event, mark);
    });
    this.#made += batch.length;
    const body = JSON.stringify({ batch });
    return { request: { at: 0, path: INGESTION_PATH, body, eventIds: batch.map(({ id }) => id) }, marks };
  }

  #span(
    name: string,
    traceId: string,
    observation: 'span' | 'generation' = 'span',
  ): { readonly request: PlannedRequest; readonly marks: number[] } {
    const at = `${VIRTUAL_START}000000`;
    const bare = {
      traceId,
      spanId: this.#random.hex(16),
      name,
      startTimeUnixNano: at,
      endTimeUnixNano: at,
      ...(observation === 'generation' ? { attributes: COUNTED_ATTRIBUTES } : {}),
    };
    const span = withSpanMarks(bare, this.#nextMark++, this.#nextMark++);
    const body: ExportedSpans = {
      resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-chaos' }, spans: [span] }] }],
    };
    const events = eventsOfExport(body, this.#form) ?? [];
    this.#made += events.length;
    const marks = events.flatMap(({ type, body: { metadata } }) =>
      marksOfMetadata(metadata, type.includes('trace') ? 'trace' : 'observation'),
    );
    const request = { at: 0, path: SPANS_PATH, body: JSON.stringify(body), eventIds: [span.spanId] };
    return { request, marks };
  }

  #scoreAlone(traceId: string): PlannedRequest {
    const id = this.#random.hex(32);
    const score = { id, traceId, name: 'probe', value: 1 };
    const { body } = withMark({ id, timestamp: '', type: 'score-create', body: score }, this.#nextMark++);
    this.#made += 1;
    return { at: 0, path: SCORES_PATH, body: JSON.stringify(body), eventIds: [id] };
  }
}

/** The endpoints that write, of those that a probe asks. */
export type WritingPath = typeof INGESTION_PATH | typeof SPANS_PATH | typeof SCORES_PATH;
