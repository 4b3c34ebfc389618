import { dataFolderOf } from '../folder.ts';
import { removeStack } from '../remove.ts';
import { secretTexts } from '../secrets.ts';
import { endsOf, type Link, type Stack } from '../stack.ts';
import { clickhouseControl } from './clickhouse/profiles.ts';
import { clockControl } from './clock/control.ts';
import { componentControl } from './control.ts';
import { dnsControl } from './dns/control.ts';
import { readExchanges } from './exchanges/exchanges.ts';
import { httpControl } from './http-proxy/control.ts';
import { leadLink, upstreamOf } from './links.ts';
import { HOST } from './ports.ts';
import { reachOf } from './reach.ts';
import { replaceProcess } from './replace.ts';
import { readState } from './state.ts';
import { toxiproxyUrl, urlOf } from './urls.ts';

/**
 * Takes hold of a stack that was started by this or another process.
 *
 * @param folder the stack's folder
 * @throws ChaosError `E_STACK_STATE` when there is no stack
 */
export async function attachEmbeddedStack(folder: string): Promise<Stack> {
  const state = readState(folder);
  const { id, spec, ports, secrets, versions, other } = state;
  const stack: Stack = {
    spec,
    id,
    folder,
    ...reachOf(ports, secrets),
    toxiproxyUrl: toxiproxyUrl(ports),
    dns: dnsControl(urlOf(ports.dns), secrets.dnsToken),
    clickhouse: clickhouseControl(dataFolderOf(folder, 'clickhouse')),
    http: httpControl({
      url: urlOf(ports['http-proxy']),
      token: secrets.httpProxyToken,
      lead: (link, through) => leadLink(ports, link, through),
      runs: async () => (await componentControl(folder, 'http-proxy').state()) === 'running',
    }),
    clock: clockControl(folder),
    secrets: secretTexts(state),
    versions,
    component: (name) => componentControl(folder, name),
    linkAddress: (link: Link) => ({ host: HOST, port: ports[link] }),
    linkUpstream: (link: Link) => ({ host: HOST, port: ports[upstreamOf(link)] }),
    exchanges: (link: Link) => readExchanges(dataFolderOf(folder, endsOf(link).from), ports[link]),
    [Symbol.asyncDispose]: () => removeStack(folder),
  };
  if (!other) return stack;
  return { ...stack, replace: (process, by, signal) => replaceProcess(stack, process, by, signal) };
}
