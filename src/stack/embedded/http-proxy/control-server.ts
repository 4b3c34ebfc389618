import { createServer, type IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { HTTP_LINKS, httpRuleSchema } from '../../http.ts';
import type { HttpProxyConfig } from './config.ts';
import type { HttpProxy } from './proxy.ts';
import { CountedRule } from './rules.ts';

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * The control interface over HTTP, for those who show the token: `GET /health`, `PUT` (body: the rule) and
 * `DELETE /rules/LINK`, `GET /hits/LINK?since=MS`. Rejects when the port is taken.
 */
export function serveControl(
  config: Pick<HttpProxyConfig, 'host' | 'controlHost' | 'control' | 'token'>,
  proxy: HttpProxy,
): Promise<void> {
  const server = createServer(async (request, response) => {
    const { status, body } =
      request.headers.authorization === `Bearer ${config.token}`
        ? answer(proxy, request, await bodyOf(request))
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

function answer(proxy: HttpProxy, request: IncomingMessage, text: string): Reply {
  const url = new URL(request.url ?? '/', 'http://control');
  const [, resource, name] = url.pathname.split('/').map(decodeURIComponent);
  if (request.method === 'GET' && resource === 'health') return { status: 200 };
  const link = HTTP_LINKS.find((one) => one === name);
  if (!link) return { status: 404 };
  if (request.method === 'GET' && resource === 'hits') {
    const since = Number(url.searchParams.get('since'));
    return { status: 200, body: proxy.hits.filter((hit) => hit.link === link && hit.at >= since) };
  }
  if (resource !== 'rules') return { status: 404 };
  if (request.method === 'DELETE') {
    proxy.rules.delete(link);
    return { status: 200 };
  }
  const rule = httpRuleSchema.safeParse(jsonOf(text));
  if (request.method !== 'PUT' || !rule.success) return { status: 400 };
  // The same rule once more goes on counting: a fault may be injected twice.
  if (!isDeepStrictEqual(proxy.rules.get(link)?.rule, rule.data)) {
    proxy.rules.set(link, new CountedRule(rule.data));
  }
  return { status: 200 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
