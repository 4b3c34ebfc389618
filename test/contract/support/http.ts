import type { Stack } from '../../../src/stack/stack.ts';

/** An answer of web or worker. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The text as JSON; undefined if it is none. */
  readonly json: unknown;
}

interface CallOptions {
  readonly method?: string;
  /** Sent as JSON unless it is a text or bytes. */
  readonly body?: unknown;
  /** Instead of the project's key; null sends none. */
  readonly authorization?: string | null;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
}

/** `Authorization` of the stack's project, with another secret or public key if given. */
export function basic({ target }: Stack, publicKey = target.publicKey, secretKey = target.secretKey): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
}

/** Asks web. */
export async function call(stack: Stack, path: string, options: CallOptions = {}): Promise<Answer> {
  const { method = 'GET', body, authorization = basic(stack), headers = {}, timeoutMs = 10_000 } = options;
  const response = await fetch(`${stack.target.url}${path}`, {
    method,
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return toAnswer(response);
}

/** Sends events to `POST /api/public/ingestion`. */
export function ingest(stack: Stack, batch: unknown, options: CallOptions = {}): Promise<Answer> {
  return call(stack, '/api/public/ingestion', { method: 'POST', body: { batch }, ...options });
}

/** Asks the worker. */
export async function callWorker(stack: Stack, path: string): Promise<Answer> {
  const url = `${stack.target.workerUrl}${path}`;
  return toAnswer(await fetch(url, { signal: AbortSignal.timeout(15_000) }));
}

const isRaw = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array;

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Some answers are plain texts.
  }
  return { status: response.status, text, json };
}
