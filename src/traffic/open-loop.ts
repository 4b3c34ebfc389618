import { type Clock, systemClock } from '../base/clock.ts';
import type { HistoryWriter } from '../history/writer.ts';
import type { Target } from '../langfuse/access.ts';
import type { Answer, AnswerCount } from './answer.ts';
import { openClient, Stopped } from './client.ts';
import type { PlannedRequest } from './request.ts';

/** Milliseconds after which a request without an answer is given up, unless told. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Requests in flight at which sending is held back, unless told: each has a connection of its own. */
export const MAX_IN_FLIGHT = 2_000;
/** How {@link sendTraffic} sends. */
export interface SendOptions {
  readonly clock?: Clock;
  /** Ends the sending at once; what is in flight is recorded as `ABORTED`. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxInFlight?: number;
  /** Called on every change with the running figures; the object is the same each time. */
  readonly onProgress?: (figures: Readonly<TrafficFigures>) => void;
  /** Called with each request's answer, or with why there is none. */
  readonly onAnswer?: (request: PlannedRequest, answer: Answer) => void;
}

/** Figures of the traffic so far. Every event that was sent is in exactly one of the four: in flight, acknowledged, refused, indeterminate. */
export interface TrafficFigures extends AnswerCount {
  requests: number;
  events: number;
  requestsInFlight: number;
  eventsInFlight: number;
  /** How far sending was behind its schedule at worst, in milliseconds. */
  maxLateMs: number;
  /** Requests that were held back because too many were in flight: more than none means that the loop was not open. */
  heldBack: number;
}

/** What became of the traffic as a whole. */
export interface TrafficSummary extends TrafficFigures {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** When the last request was answered or given up. */
  readonly endedAt: number;
  /** True when the signal ended it early. */
  readonly aborted: boolean;
}

/**
 * Sends the requests at their due times, open loop: a slow or hanging answer never delays the next request. The one
 * exception is `maxInFlight`, which protects the machine; when it is reached, sending waits, and the summary
 * says for how many requests. Nothing is ever sent twice. Each request is in the history before its first byte leaves, and so is how
 * it ended. The caller closes the history.
 *
 * @throws ChaosError `E_HISTORY_WRITE` when the history cannot be written: nothing is sent from then on
 */
export async function sendTraffic(
  requests: Iterable<PlannedRequest>,
  target: Pick<Target, 'url' | 'publicKey' | 'secretKey'>,
  history: HistoryWriter,
  options: SendOptions = {},
): Promise<TrafficSummary> {
  const clock = options.clock ?? systemClock;
  const maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
  const figures: TrafficFigures = {
    requests: 0,
    events: 0,
    requestsInFlight: 0,
    eventsInFlight: 0,
    acknowledged: 0,
    refused: 0,
    indeterminate: 0,
    maxLateMs: 0,
    heldBack: 0,
  };
  /** Aborted when the sending is to end: from outside, or because the history failed. */
  const stop = new AbortController();
  const stopOnAbort = () => stop.abort(new Stopped());
  if (options.signal?.aborted) stopOnAbort();
  options.signal?.addEventListener('abort', stopOnAbort, { once: true });
  const client = openClient(target, options.timeoutMs ?? REQUEST_TIMEOUT_MS, clock, stop.signal);
  const inFlight = new Set<Promise<void>>();
  const startedAt = clock.now();

  const exchange = async (request: PlannedRequest, number: number) => {
    const { answer, count } = await client.post(request);
    figures.requestsInFlight -= 1;
    figures.eventsInFlight -= request.eventIds.length;
    figures.acknowledged += count.acknowledged;
    figures.refused += count.refused;
    figures.indeterminate += count.indeterminate;
    options.onAnswer?.(request, answer);
    try {
      history.answered({ request: number, at: clock.now(), ...answer });
    } catch (error) {
      stop.abort(error);
    }
    options.onProgress?.(figures);
  };

  try {
    for (const request of requests) {
      await sleepUntil(startedAt + request.at, clock, stop.signal);
      if (figures.requestsInFlight >= maxInFlight) figures.heldBack += 1;
      while (figures.requestsInFlight >= maxInFlight) await Promise.race(inFlight);
      if (stop.signal.aborted) break;
      const at = clock.now();
      const number = history.sent({ at, path: request.path, bodyJson: request.body });
      figures.requests += 1;
      figures.events += request.eventIds.length;
      figures.requestsInFlight += 1;
      figures.eventsInFlight += request.eventIds.length;
      figures.maxLateMs = Math.max(figures.maxLateMs, at - startedAt - request.at);
      const exchanged = exchange(request, number).finally(() => inFlight.delete(exchanged));
      inFlight.add(exchanged);
      options.onProgress?.(figures);
    }
  } catch (error) {
    stop.abort(error);
  }
  await Promise.all(inFlight);
  options.signal?.removeEventListener('abort', stopOnAbort);
  await client.close();
  const aborted = stop.signal.aborted;
  if (aborted && !(stop.signal.reason instanceof Stopped)) throw stop.signal.reason;
  return { ...figures, startedAt, endedAt: clock.now(), aborted };
}

/** When it is late already, lets the answers that have arrived be read first, so that a backlog cannot starve them. */
async function sleepUntil(due: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const wait = due - clock.now();
  if (wait <= 0) await new Promise(setImmediate);
  else await clock.sleep(wait, signal).catch(() => undefined);
}
