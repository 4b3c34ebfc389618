import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { DnsConfig } from './config.ts';
import type { DnsServer } from './server.ts';

const processSchema = z.enum(['web', 'worker']);
const faultSchema = z.enum(['nxdomain', 'servfail']);

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * The control interface over HTTP, for those who show the token:
 * `GET /health`, `GET /queries?since=MS`, `PUT` (body: the fault) and `DELETE /faults/PROCESS/NAME`. Rejects when the port is taken.
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
    server.listen({ host: config.host, port: config.control, exclusive: true }, resolve);
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
  if (resource !== 'faults' || !asker.success || !name || !dns.names.has(name)) return { status: 404 };
  const faults = dns.faults[asker.data];
  if (request.method === 'DELETE') {
    faults.delete(name);
    return { status: 200 };
  }
  const fault = faultSchema.safeParse(text);
  if (request.method !== 'PUT' || !fault.success) return { status: 400 };
  faults.set(name, fault.data);
  return { status: 200 };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
