import { ChaosError, messageOf } from '../../../base/errors.ts';
import type { DnsControl, DnsQuery } from '../../stack.ts';
import { hostNameOf } from './names.ts';

/** How long the control interface may take; it is on this machine. */
const TIMEOUT_MS = 5000;

/**
 * Hold of a DNS server through its control interface.
 *
 * @param url base URL of the control interface
 */
export function dnsControl(url: string, token: string): DnsControl {
  const call = async (method: string, path: string, body?: string): Promise<unknown> => {
    let status: number;
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body }),
      });
      const answer = await response.json();
      if (response.ok) return answer;
      status = response.status;
    } catch (error) {
      throw new ChaosError({
        code: 'E_DNS_CONTROL',
        happened: `The DNS server could not be told ${method} ${path}: ${messageOf(error)}.`,
        remedy: 'see whether the component `dns` of the stack runs.',
        cause: error,
      });
    }
    throw new ChaosError({
      code: 'E_DNS_CONTROL',
      happened: `The DNS server answered ${method} ${path} with status ${status}.`,
      expected: 'a name that the stack has, and a fault with its parameters',
      remedy: 'take the name from `dns.nameOf`.',
    });
  };
  return {
    nameOf: hostNameOf,
    async setFault(from, name, fault) {
      await call('PUT', `/faults/${from}/${encodeURIComponent(name)}`, JSON.stringify(fault));
    },
    async clearFault(from, name) {
      await call('DELETE', `/faults/${from}/${encodeURIComponent(name)}`);
    },
    async setViewFault(from, fault) {
      if (fault) await call('PUT', `/faults/${from}`, JSON.stringify(fault));
      else await call('DELETE', `/faults/${from}`);
    },
    async queries(since) {
      return (await call('GET', `/queries?since=${since}`)) as DnsQuery[];
    },
  };
}

/** Whether the DNS server answers and knows the token, that is, is this stack's. */
export async function dnsAnswers(url: string, token: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.ok;
}
