import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { DnsConfig } from './config.ts';
import type { DnsServer } from './server.ts';
import { viewFaultSchema, zoneFaultSchema } from './zone-fault.ts';

const processSchema = z.enum(['web', 'worker']);

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * The control interface over HTTP, for those who show the token:
 * `GET /health`, `GET /queries?since=MS`; `PUT` (body: the fault as JSON) and `DELETE` of `/faults/PROCESS/NAME` for one name and of
 * `/faults/PROCESS` for all of them. Rejects when the port is taken.
 */
export function serveControl(config: DnsConfig, dns: DnsServer): Promise<void> {
  const server = createServer(async (request, response) => {
    const { status, body } =
      request.headers.authorization === `Bearer ${config.token}`
        ? answer(dns, request, await textOf(request))
        : { status: 401 };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const { host, controlHost = host, control: port } = config;
    server.listen({ host: controlHost, port, exclusive: true }, resolve);
  });
}

function answer(dns: DnsServer, request: IncomingMessage, text: string): Reply {
  const url = new URL(request.url ?? '/', 'http://control');
  const [, resource, from, name] = url.pathname.split('/').map(decodeURIComponent);
  if (request.method === 'GET' && resource === 'health') return { status: 200 };
  if (request.method === 'GET' && resource === 'queries') {
    const since = Number(url.searchParams.get('since'));
    return { status: 200, body: dns.queries.filter(({ at }) => at >= since) };
  }
  const asker = processSchema.safeParse(from);
  if (resource !== 'faults' || !asker.success) return { status: 404 };
  const view = dns.views[asker.data];
  if (name !== undefined && !view.names.has(name)) return { status: 404 };
  if (request.method === 'DELETE') {
    if (name === undefined) view.fault = undefined;
    else view.faults.delete(name);
    return { status: 200 };
  }
  if (request.method !== 'PUT') return { status: 405 };
  if (name === undefined) {
    const fault = viewFaultSchema.safeParse(jsonIn(text));
    if (!fault.success) return { status: 400 };
    view.fault = fault.data;
  } else {
    const fault = zoneFaultSchema.safeParse(jsonIn(text));
    if (!fault.success) return { status: 400 };
    view.faults.set(name, { fault: fault.data, since: Date.now() });
  }
  return { status: 200 };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
