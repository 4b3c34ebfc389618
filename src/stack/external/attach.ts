import type { ClickHouseControl } from '../clickhouse-control.ts';
import type { HttpControl } from '../http.ts';
import { removeStack } from '../remove.ts';
import type { ClockControl, DnsControl, Link, Stack } from '../stack.ts';
import { controlOf } from './component.ts';
import { reach, secretTexts } from './environment.ts';
import { guardOf } from './guard.ts';
import { absent, notHere } from './not-here.ts';
import { readState } from './state.ts';

/**
 * Takes hold of an external target that a run uses, or has left as it should not be. What such a target lacks throws
 * `E_NOT_ON_STACK` when it is touched; secrets are read from the environment when they are needed, and not to undo a fault.
 *
 * @throws ChaosError `E_STACK_STATE` when there is none
 */
export function attachExternalStack(folder: string): Stack {
  const state = readState(folder);
  const { id, spec, target, versions } = state;
  const proxyOf = (link: Link) => {
    const proxy = state.proxies[link];
    if (proxy) return proxy;
    throw notHere(`proxy on ${link}`, 'its owner has not allowed faults there');
  };
  return {
    spec,
    id,
    folder,
    ...reach(target, process.env),
    get toxiproxyUrl() {
      if (target.toxiproxy) return target.toxiproxy.url;
      throw notHere('Toxiproxy', 'its file names none');
    },
    dns: absent<DnsControl>('DNS server of ours', 'its names are resolved by another'),
    http: absent<HttpControl>('HTTP proxy of ours', 'none stands on its links'),
    clock: absent<ClockControl>('hold of its clocks', 'they are never touched'),
    clickhouse: absent<ClickHouseControl>('hold of its ClickHouse', 'it is only read'),
    secrets: secretTexts(target, process.env),
    versions,
    guard: guardOf(folder, state),
    component: (name) => controlOf(folder, state, name),
    proxyName: (link) => proxyOf(link).name,
    linkAddress: (link) => hostAndPort(proxyOf(link).address),
    linkUpstream: (link) => hostAndPort(proxyOf(link).upstream),
    exchanges: async () => {
      throw notHere('notes of its processes', 'they are not ours');
    },
    [Symbol.asyncDispose]: () => removeStack(folder),
  };
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
