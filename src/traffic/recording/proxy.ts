import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf } from '../../base/errors.ts';

/** A body beyond this is passed on, but not recorded; Langfuse itself takes 4.5 MB. */
export const LARGEST_BODY = 16 * 1024 * 1024;
/**
 * Headers that concern one connection only (RFC 9110, 7.6.1) and are never passed on. Not so `transfer-encoding`: it tells Node
 * to send the body on in chunks too.
 */
const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
]);

/**
 * Passes one request on and its answer back, both as they arrive.
 *
 * @param answered told the target's status and the request's body once the whole answer is back; the body is
 * undefined when it was too large to keep
 */
export function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: URL,
  keepBody: boolean,
  answered: (status: number, body: Buffer | undefined) => void,
): void {
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const upstream = send(target, {
    method: incoming.method,
    path: `${target.pathname.replace(/\/$/, '')}${incoming.url ?? '/'}`,
    headers: { ...endToEnd(incoming), host: target.host },
  });
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (keepBody && size <= LARGEST_BODY) chunks.push(chunk);
  });
  incoming.pipe(upstream);
  upstream.on('response', (response) => {
    const status = response.statusCode ?? 502;
    outgoing.writeHead(status, endToEnd(response));
    response.pipe(outgoing);
    response.on('end', () => answered(status, size <= LARGEST_BODY ? Buffer.concat(chunks) : undefined));
    response.on('error', () => outgoing.destroy());
  });
  upstream.on('error', (error) => {
    if (outgoing.headersSent) {
      outgoing.destroy();
      return;
    }
    answered(502, undefined);
    outgoing.writeHead(502, { 'content-type': 'application/json' });
    outgoing.end(
      JSON.stringify({ message: `The recorder got no answer from the target: ${messageOf(error)}` }),
    );
  });
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) upstream.destroy();
  });
}

function endToEnd(message: IncomingMessage): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !CONNECTION_HEADERS.has(name)) kept[name] = value;
  }
  return kept;
}
