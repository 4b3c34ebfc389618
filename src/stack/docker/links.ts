import { type ICreateProxyBody, Toxiproxy } from 'toxiproxy-node-client';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { HttpLink } from '../http.ts';
import { endsOf, LINKS, type Link } from '../stack.ts';
import {
  type Address,
  CLICKHOUSE_NATIVE_PORT,
  HTTP_PROXY,
  RESOLVERS,
  SERVERS,
  upstreamOf,
} from './layout.ts';

const text = ({ host, port }: Address) => `${host}:${port}`;
const EVERYWHERE = '0.0.0.0';

/**
 * Makes a proxy for each link, named like the link, enabled and without toxics. Idempotent. Beside them there are three that no
 * fault is put on: the native port of ClickHouse for the migrations, and for each resolver, which can't be published because
 * it listens on 127.0.0.1 inside, one that leads to it from outside.
 *
 * @param url Toxiproxy's API
 * @throws ChaosError `E_LINKS` when Toxiproxy does not do it
 */
export async function populateDockerLinks(url: string, ports: Readonly<Record<Link, number>>): Promise<void> {
  try {
    await new Toxiproxy(url).populate(
      LINKS.flatMap((link) => proxiesOf(link, ports[link])).concat(migrations),
    );
  } catch (error) {
    throw new ChaosError({
      code: 'E_LINKS',
      happened: `Toxiproxy did not make the proxies of the links: ${messageOf(error)}.`,
      remedy: 'look at the log of the container `toxiproxy`, and run again.',
      cause: error,
    });
  }
}

function proxiesOf(link: Link, port: number): ICreateProxyBody[] {
  const { from, to } = endsOf(link);
  const outside = { host: EVERYWHERE, port };
  if (to !== 'dns') return [proxy(link, outside, upstreamOf(link))];
  return [proxy(link, RESOLVERS[from], upstreamOf(link)), proxy(`outside ${link}`, outside, RESOLVERS[from])];
}

const proxy = (name: string, listen: Address, upstream: Address): ICreateProxyBody => ({
  name,
  listen: text(listen),
  upstream: text(upstream),
  enabled: true,
});

const migrations = proxy(
  'migrations',
  { host: '127.0.0.1', port: CLICKHOUSE_NATIVE_PORT },
  { ...SERVERS.clickhouse, port: CLICKHOUSE_NATIVE_PORT },
);

/**
 * Leads a link through the HTTP proxy, or straight to its server, as the embedded stack does.
 *
 * @throws ChaosError `E_LINKS` when Toxiproxy does not do it
 */
export async function leadDockerLink(
  url: string,
  link: HttpLink,
  through: 'proxy' | 'server',
): Promise<void> {
  const upstream = text(through === 'proxy' ? HTTP_PROXY[link] : upstreamOf(link));
  try {
    const found = await new Toxiproxy(url).get(link);
    if (found.upstream === upstream) return;
    await found.update({ enabled: found.enabled, listen: found.listen, upstream });
  } catch (error) {
    throw new ChaosError({
      code: 'E_LINKS',
      happened: `Toxiproxy did not lead the link ${link} to the ${through}: ${messageOf(error)}.`,
      remedy: 'see whether the component `toxiproxy` of the stack runs.',
      cause: error,
    });
  }
}
