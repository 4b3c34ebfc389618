import type { DnsControl, DnsQuery } from '../../stack.ts';
import { type CalledInterface, callControlInterface } from '../control-interface/call.ts';
import { hostNameOf } from './names.ts';

/**
 * Hold of a DNS server through its control interface. Its methods throw ChaosError `E_DNS_CONTROL`.
 *
 * @param url base URL of the control interface
 */
export function dnsControl(url: string, token: string): DnsControl {
  const called: CalledInterface = {
    url,
    token,
    name: 'DNS server',
    component: 'dns',
    code: 'E_DNS_CONTROL',
    refused: {
      expected: 'a name that the stack has, and a fault with its parameters',
      remedy: 'take the name from `dns.nameOf`.',
    },
  };
  const call = (method: string, path: string, body?: unknown) =>
    callControlInterface(called, method, path, body);
  return {
    nameOf: hostNameOf,
    async setFault(from, name, fault) {
      await call('PUT', `/faults/${from}/${encodeURIComponent(name)}`, fault);
    },
    async clearFault(from, name) {
      await call('DELETE', `/faults/${from}/${encodeURIComponent(name)}`);
    },
    async setViewFault(from, fault) {
      if (fault) await call('PUT', `/faults/${from}`, fault);
      else await call('DELETE', `/faults/${from}`);
    },
    async queries(since) {
      return (await call('GET', `/queries?since=${since}`)) as DnsQuery[];
    },
  };
}
