import type { HttpLink } from '../http.ts';
import { type AppProcess, type Dependency, endsOf, type Link } from '../stack.ts';

/*
 * Where things are inside the stack; docker-compose.yml says the same. Web, worker, Toxiproxy, DNS server and HTTP proxy share one
 * network namespace.
 */

/** An address inside the stack. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The servers in containers of their own, by the names that Docker gives them. */
export const SERVERS: Readonly<Record<Exclude<Dependency, 'dns'>, Address>> = {
  clickhouse: { host: 'clickhouse', port: 8123 },
  redis: { host: 'redis', port: 6379 },
  postgres: { host: 'postgres', port: 5432 },
  s3: { host: 's3', port: 7070 },
};

/** Each process's resolver, as its resolv.conf names it; a resolver always listens on port 53. */
export const RESOLVERS: Readonly<Record<AppProcess, Address>> = {
  web: { host: '127.0.0.1', port: 53 },
  worker: { host: '127.0.0.2', port: 53 },
};

/** TCP port of the DNS server behind Toxiproxy, on the address of the resolver. */
const DNS_TCP_PORT = 5301;

/** Where the HTTP proxy listens for a link, in the shared namespace. */
export const HTTP_PROXY: Readonly<Record<HttpLink, Address>> = {
  'web→s3': { host: '127.0.0.1', port: 5401 },
  'worker→s3': { host: '127.0.0.1', port: 5402 },
  'web→clickhouse': { host: '127.0.0.1', port: 5403 },
  'worker→clickhouse': { host: '127.0.0.1', port: 5404 },
};

/** ClickHouse's native port, for the migrations at web's start. */
export const CLICKHOUSE_NATIVE_PORT = 9000;

/** Address that a link leads to, as Toxiproxy sees it. */
export function upstreamOf(link: Link): Address {
  const { from, to } = endsOf(link);
  return to === 'dns' ? { host: RESOLVERS[from].host, port: DNS_TCP_PORT } : SERVERS[to];
}
