import { request } from 'undici';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { ProbeRecord } from '../history/run-record.ts';
import type { Target } from '../langfuse/access.ts';
import { INGESTION_PATH, readResource, SCORES_PATH, SPANS_PATH } from '../langfuse/endpoints.ts';
import type { EntityKey } from '../langfuse/events.ts';
import type { WriteMode } from '../langfuse/profile.ts';
import type { Answer } from '../traffic/answer.ts';
import type { PlannedRequest } from '../traffic/request.ts';
import type { WritingPath } from './own-events.ts';

/** Milliseconds that an endpoint has to answer a probe, unless told. */
export const PROBE_TIMEOUT_MS = 10_000;

/** What a probe works with. */
export interface ProbeTools {
  readonly target: Target;
  /** Of the target. */
  readonly writeMode: WriteMode | undefined;
  readonly clock: Clock;
  /** Makes a request to an endpoint that writes. */
  readonly make: (path: WritingPath, purpose: string) => PlannedRequest;
  /** The endpoint by which the run sends its traces. */
  readonly tracesPath: WritingPath;
  /** The entities that a request carries. */
  readonly entitiesOf: (request: Pick<PlannedRequest, 'body'>) => EntityKey[];
  /** Sends a request as all traffic is sent, and calls back with its answer. */
  readonly send: (
    request: PlannedRequest,
    timeoutMs: number,
    onAnswer: (answer: Answer) => void,
  ) => Promise<void>;
  /** Takes the secrets out of a text of the target's. */
  readonly withoutSecrets: (text: string) => string;
}

/** One way to ask the target. */
export interface Endpoint {
  /** Method and path, for example `GET /api/public/traces`; after `worker`, if it is the worker's. */
  readonly name: string;
  ask(tools: ProbeTools, label: string, timeoutMs: number): Promise<ProbeRecord>;
}

const WRITING: readonly WritingPath[] = [INGESTION_PATH, SPANS_PATH, SCORES_PATH];

const WRITES = WRITING.map(
  (path): Endpoint => ({
    name: `POST ${path}`,
    ask: (tools, label, timeoutMs) => askToWrite(tools, path, label, timeoutMs),
  }),
);

/** The endpoints of the web. */
export const WEB_ENDPOINTS: readonly Endpoint[] = [
  ...WRITES,
  ...['traces', 'observations', 'scores', 'health', 'ready'].map((resource): Endpoint => {
    const name = readName(resource);
    return {
      name,
      ask: async (tools, label, timeoutMs) => {
        const asked = readResource(resource, tools.writeMode);
        const url = `${tools.target.url}/api/public/${asked}`;
        const record = await askToRead(tools, label, name, url, timeoutMs);
        return asked === resource ? record : { ...record, asked: readName(asked) };
      },
    };
  }),
];

function readName(resource: string): string {
  return `GET /api/public/${resource}`;
}

/** The endpoints of the worker. */
export const WORKER_ENDPOINTS: readonly Endpoint[] = ['health', 'ready'].map((resource): Endpoint => {
  const name = `worker GET /api/${resource}`;
  return {
    name,
    ask: (tools, label, timeoutMs) =>
      askToRead(tools, label, name, `${tools.target.workerUrl}/api/${resource}`, timeoutMs),
  };
});

/** Asks endpoints, all at once, and says how each answered. */
export function askAll(
  endpoints: readonly Endpoint[],
  tools: ProbeTools,
  label: string,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<ProbeRecord[]> {
  return Promise.all(endpoints.map((endpoint) => endpoint.ask(tools, label, timeoutMs)));
}

/** Whether an endpoint did what it was asked to. */
export function isWell({ status }: Pick<ProbeRecord, 'status'>): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** Longest text of an answer that is kept, in characters. */
const LONGEST_BODY = 400;

async function askToRead(
  { target, clock, withoutSecrets }: ProbeTools,
  label: string,
  endpoint: string,
  url: string,
  timeoutMs: number,
): Promise<ProbeRecord> {
  const at = clock.now();
  const answered = (body: string, status?: number): ProbeRecord => ({
    label,
    endpoint,
    at,
    ...(status === undefined ? {} : { status }),
    body: withoutSecrets(body).slice(0, LONGEST_BODY),
    tookMs: clock.now() - at,
  });
  try {
    const answer = await request(url, {
      headers: { authorization: basicAuth(target) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    return answered(await answer.body.text(), answer.statusCode);
  } catch (error) {
    return answered(messageOf(error));
  }
}

async function askToWrite(
  { clock, make, entitiesOf, send, withoutSecrets }: ProbeTools,
  path: WritingPath,
  label: string,
  timeoutMs: number,
): Promise<ProbeRecord> {
  const planned = make(path, `probe: ${label}`);
  const at = clock.now();
  const common = { label, endpoint: `POST ${path}`, at, entities: entitiesOf(planned) };
  let record: ProbeRecord = { ...common, body: 'nothing was sent', tookMs: 0 };
  await send(planned, timeoutMs, ({ status, body, error, allAcknowledged }) => {
    const text = allAcknowledged
      ? 'every event acknowledged with 201'
      : (error?.message ?? JSON.stringify(body));
    record = {
      ...common,
      ...(status === undefined ? {} : { status }),
      body: withoutSecrets(text).slice(0, LONGEST_BODY),
      tookMs: clock.now() - at,
    };
  });
  return record;
}

function basicAuth({ publicKey, secretKey }: Target): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
}
