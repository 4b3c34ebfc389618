import { Toxiproxy } from 'toxiproxy-node-client';
import { ChaosError, messageOf } from '../../base/errors.ts';
import type { HttpLink } from '../http.ts';
import { endsOf, LINKS, type Link } from '../stack.ts';
import { HOST, isFreeTcp } from './ports.ts';
import type { PortName, StackState } from './state.ts';
import { toxiproxyUrl } from './urls.ts';

/**
 * Leads a link through the HTTP proxy, or straight to its server. Toxiproxy closes the link's open connections when that
 * changes, and keeps new ones out for less than a millisecond; its toxics stay.
 *
 * @throws ChaosError `E_LINKS` when Toxiproxy does not do it
 */
export async function leadLink(
  ports: StackState['ports'],
  link: HttpLink,
  through: 'proxy' | 'server',
): Promise<void> {
  const port: PortName = through === 'proxy' ? `http:${link}` : upstreamOf(link);
  const upstream = `${HOST}:${ports[port]}`;
  try {
    const proxy = await new Toxiproxy(toxiproxyUrl(ports)).get(link);
    if (proxy.upstream === upstream) return;
    await proxy.update({ enabled: proxy.enabled, listen: proxy.listen, upstream });
  } catch (error) {
    throw new ChaosError({
      code: 'E_LINKS',
      happened: `Toxiproxy did not lead the link ${link} to the ${through}: ${messageOf(error)}.`,
      remedy: 'see whether the component `toxiproxy` of the stack runs.',
      cause: error,
    });
  }
}

/** The port that a link leads to, behind Toxiproxy. */
export function upstreamOf(link: Link): PortName {
  const { from, to } = endsOf(link);
  return to === 'dns' ? `dns:${from}` : to;
}

/**
 * Makes a proxy for each link, named like the link, enabled and without toxics. Idempotent.
 *
 * @throws ChaosError `E_PORT_TAKEN` when another process holds the port of a link, `E_LINKS` when Toxiproxy fails otherwise
 */
export async function populateLinks({ ports }: Pick<StackState, 'ports'>): Promise<void> {
  const toxiproxy = new Toxiproxy(toxiproxyUrl(ports));
  try {
    await toxiproxy.populate(
      LINKS.map((name) => ({
        name,
        listen: `${HOST}:${ports[name]}`,
        upstream: `${HOST}:${ports[upstreamOf(name)]}`,
        enabled: true,
      })),
    );
  } catch (error) {
    const made = new Set(Object.keys(await toxiproxy.getAll().catch(() => ({}))));
    for (const name of LINKS) {
      if (made.has(name) || (await isFreeTcp(ports[name]))) continue;
      throw new ChaosError({
        code: 'E_PORT_TAKEN',
        happened: `Toxiproxy could not make the proxy of the link ${name}: another process holds port ${ports[name]}.`,
        remedy: 'see who holds it (`ss -lntup`), and run again.',
        cause: error,
      });
    }
    throw new ChaosError({
      code: 'E_LINKS',
      happened: `Toxiproxy did not make the proxies of the links: ${messageOf(error)}.`,
      remedy: 'look at the log of toxiproxy in the stack folder, and run again.',
      cause: error,
    });
  }
}
