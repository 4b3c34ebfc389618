import { createServer, type IncomingMessage } from 'node:http';

/** Where the control interface of a helper process listens, and who may use it. */
export interface ControlPlace {
  /** What the process itself listens on. */
  readonly host: string;
  /** What its control interface listens on, if something else. */
  readonly controlHost?: string | undefined;
  readonly control: number;
  readonly token: string;
}

/** A request to a control interface. */
export interface ControlRequest {
  readonly method: string | undefined;
  readonly url: URL;
  /** The parts of the path, decoded. */
  readonly path: readonly string[];
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** Its answer; without a body it is `{}`. */
export interface ControlReply {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * Serves the control interface of a helper process over HTTP, in JSON, for those who show the token; `GET /health` is answered to all of
 * those. Rejects when the port is taken.
 */
export function serveControlInterface(
  { host, controlHost = host, control: port, token }: ControlPlace,
  answer: (request: ControlRequest) => ControlReply,
): Promise<void> {
  const server = createServer(async (request, response) => {
    const { status, body } =
      request.headers.authorization === `Bearer ${token}`
        ? answerOf(await readRequest(request), answer)
        : { status: 401 };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: controlHost, port, exclusive: true }, resolve);
  });
}

function answerOf(request: ControlRequest, answer: (request: ControlRequest) => ControlReply): ControlReply {
  if (request.method === 'GET' && request.path[0] === 'health') return { status: 200 };
  return answer(request);
}

async function readRequest(request: IncomingMessage): Promise<ControlRequest> {
  const url = new URL(request.url ?? '/', 'http://control');
  const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return { method: request.method, url, path, json: jsonIn(Buffer.concat(chunks).toString('utf8')) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
