import { clocksOf } from '../embedded/clock/control.ts';
import { dnsControl } from '../embedded/dns/control.ts';
import { readExchanges } from '../embedded/exchanges/exchanges.ts';
import { httpControl } from '../embedded/http-proxy/control.ts';
import { HOST } from '../embedded/ports.ts';
import { reachOf } from '../embedded/reach.ts';
import { urlOf } from '../embedded/urls.ts';
import { dataFolderOf } from '../folder.ts';
import { removeStack } from '../remove.ts';
import { secretTexts } from '../secrets.ts';
import { endsOf, type Link, type Stack } from '../stack.ts';
import { dockerClickHouse } from './clickhouse.ts';
import { dockerComponent } from './control.ts';
import { upstreamOf } from './layout.ts';
import { leadDockerLink } from './links.ts';
import { gatherLogs } from './logs.ts';
import { replaceContainer } from './replace.ts';
import { readDockerState } from './state.ts';

/**
 * Takes hold of a stack of containers that was started by this or another process.
 *
 * @param folder the stack's folder
 * @throws ChaosError `E_STACK_STATE` when there is no stack
 */
export async function attachDockerStack(folder: string): Promise<Stack> {
  const state = readDockerState(folder);
  const { id, spec, other, ports, secrets, versions, dockerHost } = state;
  const toxiproxyUrl = urlOf(ports.toxiproxy);
  const stack: Stack = {
    spec,
    id,
    folder,
    ...reachOf(ports, secrets),
    toxiproxyUrl,
    dns: dnsControl(urlOf(ports.dns), secrets.dnsToken),
    clickhouse: dockerClickHouse(folder),
    http: httpControl({
      url: urlOf(ports['http-proxy']),
      token: secrets.httpProxyToken,
      lead: (link, through) => leadDockerLink(toxiproxyUrl, link, through),
      runs: async () => (await dockerComponent(folder, 'http-proxy').state()) === 'running',
    }),
    // A container's process ids are its own; what an ended process has said is cleared when the next is started.
    clock: clocksOf(folder, () => true),
    secrets: secretTexts(state),
    versions,
    component: (name) => dockerComponent(folder, name),
    linkAddress: (link: Link) => ({ host: HOST, port: ports[link] }),
    linkUpstream: upstreamOf,
    exchanges: (link: Link) => readExchanges(dataFolderOf(folder, endsOf(link).from), ports[link]),
    gatherLogs: () => gatherLogs(dockerHost, id, folder),
    [Symbol.asyncDispose]: () => removeStack(folder),
  };
  if (!other) return stack;
  return { ...stack, replace: (process, by, signal) => replaceContainer(folder, process, by, signal) };
}
