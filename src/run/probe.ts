import { request } from 'undici';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { ProbeRecord } from '../history/run-record.ts';
import type { Target } from '../langfuse/access.ts';
import type { Answer } from '../traffic/answer.ts';
import type { PlannedRequest } from '../traffic/request.ts';

/** The endpoints of a probe that only read; the one that writes goes through the traffic's history. */
const READS = [
  'GET /api/public/traces',
  'GET /api/public/observations',
  'GET /api/public/scores',
  'GET /api/public/health',
  'GET /api/public/ready',
] as const;

/** Milliseconds that an endpoint has to answer a probe. */
export const PROBE_TIMEOUT_MS = 10_000;

/** Asks every endpoint that only reads, all at once, and says how each answered. */
export function probeReads(target: Target, label: string, clock: Clock): Promise<ProbeRecord[]> {
  return Promise.all(READS.map((endpoint) => probeRead(target, label, endpoint, clock)));
}

async function probeRead(
  target: Target,
  label: string,
  endpoint: (typeof READS)[number],
  clock: Clock,
): Promise<ProbeRecord> {
  const at = clock.now();
  const path = endpoint.slice('GET '.length);
  try {
    const answer = await request(`${target.url}${path}`, {
      headers: { authorization: basicAuth(target) },
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const text = await answer.body.text();
    return {
      label,
      endpoint,
      at,
      status: answer.statusCode,
      body: text.slice(0, 400),
      tookMs: clock.now() - at,
    };
  } catch (error) {
    return { label, endpoint, at, body: messageOf(error), tookMs: clock.now() - at };
  }
}

/**
 * Sends a probe's event and says how the ingestion endpoint answered.
 *
 * @param send sends the request as all traffic is sent, and calls back with its answer
 */
export async function probeWrite(
  label: string,
  { path }: PlannedRequest,
  clock: Clock,
  send: (onAnswer: (request: PlannedRequest, answer: Answer) => void) => Promise<void>,
): Promise<ProbeRecord> {
  const at = clock.now();
  let record: ProbeRecord = { label, endpoint: `POST ${path}`, at, body: 'nothing was sent', tookMs: 0 };
  await send((_request, answer) => {
    const { status, body, error, allAcknowledged } = answer;
    const text = allAcknowledged
      ? 'every event acknowledged with 201'
      : (error?.message ?? JSON.stringify(body));
    record = {
      ...record,
      ...(status === undefined ? {} : { status }),
      body: text.slice(0, 400),
      tookMs: clock.now() - at,
    };
  });
  return record;
}

function basicAuth({ publicKey, secretKey }: Target): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
}
