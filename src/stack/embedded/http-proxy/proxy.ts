import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { HTTP_LINKS, type HttpHit, type HttpLink } from '../../http.ts';
import type { HttpProxyConfig } from './config.ts';
import { Exchange } from './exchange.ts';
import type { CountedRule } from './rules.ts';
import { Upstream } from './upstream.ts';

/** How many hits are remembered. */
const KEPT_HITS = 10_000;
/** Bytes of request line and headers; ClickHouse takes URLs of 1 MiB. */
const MAX_HEADER_BYTES = 2 * 1024 * 1024;

/** The running proxy: what its control interface changes and reads. */
export interface HttpProxy {
  readonly rules: Map<HttpLink, CountedRule>;
  /** Oldest first. */
  readonly hits: readonly HttpHit[];
}

/** Starts to listen for every link; rejects when a port is taken. */
export async function serveProxy(
  config: Pick<HttpProxyConfig, 'host' | 'routes'>,
): Promise<HttpProxy & AsyncDisposable> {
  const rules = new Map<HttpLink, CountedRule>();
  const hits: HttpHit[] = [];
  const note = (hit: HttpHit) => {
    hits.push(hit);
    if (hits.length > KEPT_HITS) hits.shift();
  };
  const servers = await Promise.all(
    HTTP_LINKS.map((link) => listen(link, config.host, config.routes[link], rules, note)),
  );
  return {
    rules,
    hits,
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function listen(
  link: HttpLink,
  host: string,
  route: HttpProxyConfig['routes'][HttpLink],
  rules: ReadonlyMap<HttpLink, CountedRule>,
  note: (hit: HttpHit) => void,
): Promise<ReturnType<typeof createServer>> {
  const upstreams = new WeakMap<Socket, Upstream>();
  // No time-outs of its own: how long a request or an idle connection may take is for the two ends.
  const options = {
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const server = createServer(options, (request, response) => {
    const upstream = upstreams.get(request.socket);
    if (upstream) void new Exchange({ link, upstream, rule: rules.get(link), note }, request, response).run();
  });
  server.on('connection', (socket) => {
    upstreams.set(socket, new Upstream(socket, { host: route.upstreamHost ?? host, port: route.upstream }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: route.listen, exclusive: true }, () => resolve(server));
  });
}
