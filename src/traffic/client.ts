import { Pool } from 'undici';
import type { Clock } from '../base/clock.ts';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Target } from '../langfuse/access.ts';
import { type Answer, type AnswerCount, countUnanswered, readAnswer } from './answer.ts';
import { watchDeadlines } from './deadlines.ts';
import type { PlannedRequest } from './request.ts';
import { createScrubber } from './scrubber.ts';

/** An answer larger than this is not read to its end. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Why the sending ended early at the caller's wish. */
export class Stopped extends Error {
  readonly code = 'ABORTED';
  constructor() {
    super('the harness ended the traffic');
  }
}

/** Posts requests, each once. */
export interface TrafficClient {
  /** Never rejects: whatever goes wrong is the answer. */
  post(request: PlannedRequest): Promise<{ answer: Answer; count: AnswerCount }>;
  close(): Promise<void>;
}

/**
 * Opens a pool of connections to the target that grows with the requests in flight.
 *
 * @param stop destroys all connections when it aborts; what is in flight is answered as `ABORTED`
 * @throws ChaosError `E_TARGET_URL`
 */
export function openClient(
  target: Pick<Target, 'url' | 'publicKey' | 'secretKey'>,
  timeoutMs: number,
  clock: Clock,
  stop: AbortSignal,
): TrafficClient {
  const url = parseUrl(target.url);
  const base = url.pathname.replace(/\/$/, '');
  // One request at a time on a connection, and as many connections as there are requests in flight: a hanging
  // answer then holds up nothing but itself. The limits on time are ours, over the whole exchange.
  const pool = new Pool(url.origin, {
    connections: null,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs },
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  const authorization = `Basic ${Buffer.from(`${target.publicKey}:${target.secretKey}`).toString('base64')}`;
  const headers = { 'content-type': 'application/json', authorization, 'user-agent': 'langfuse-chaos' };
  // An answer or an error could repeat the key, and answers go into the history.
  const scrubber = createScrubber([]);
  scrubber.learn(authorization);
  const deadlines = watchDeadlines(timeoutMs, clock);
  const destroyOnStop = () => void pool.destroy(stop.reason);
  if (stop.aborted) destroyOnStop();
  stop.addEventListener('abort', destroyOnStop, { once: true });

  return {
    post: async (request) => {
      const deadline = deadlines.add();
      try {
        const response = await pool.request({
          method: 'POST',
          path: `${base}${request.path}`,
          headers,
          body: request.body,
          signal: deadline.signal,
        });
        const text = scrubber.scrub(await response.body.text());
        return readAnswer(request, response.statusCode, text);
      } catch (thrown) {
        const error = stop.aborted ? new Stopped() : thrown;
        const message = scrubber.scrub(messageOf(error));
        return { answer: { error: { code: codeOf(error), message } }, count: countUnanswered(request) };
      } finally {
        deadlines.delete(deadline);
      }
    },
    close: async () => {
      stop.removeEventListener('abort', destroyOnStop);
      deadlines.close();
      await pool.destroy();
    },
  };
}

/** The system's code of a failure, wherever it is hidden: `ECONNREFUSED`, `ECONNRESET`, `UND_ERR_SOCKET`, `TIMEOUT`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const { code, cause } = error as Error & { code?: unknown; cause?: unknown };
  if (cause instanceof Error && 'code' in cause) return codeOf(cause);
  return typeof code === 'string' ? code : error.name;
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new ChaosError({
      code: 'E_TARGET_URL',
      happened: `The target's address ${JSON.stringify(text)} is no URL.`,
      expected: 'for example http://127.0.0.1:3000',
      remedy: 'correct the address.',
      cause,
    });
  }
}
