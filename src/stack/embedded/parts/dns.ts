import { fileURLToPath } from 'node:url';
import { answersControl } from '../control-interface/call.ts';
import { DNS_CONFIG_VARIABLE, type DnsConfig } from '../dns/config.ts';
import { hostNameOf, NAMED } from '../dns/names.ts';
import { HOST } from '../ports.ts';
import { urlOf } from '../urls.ts';
import type { Part } from './part.ts';

/** Our DNS server; it holds no data: zone faults are gone after a start. */
export const dnsPart: Part = {
  name: 'dns',
  tcp: ['dns', 'dns:web', 'dns:worker'],
  udp: ['web→dns', 'worker→dns'],
  stopSignal: 'SIGTERM',
  launch: async (_folder, { ports, secrets }) => {
    const config: DnsConfig = {
      host: HOST,
      control: ports.dns,
      token: secrets.dnsToken,
      views: {
        web: { udp: ports['web→dns'], tcp: ports['dns:web'] },
        worker: { udp: ports['worker→dns'], tcp: ports['dns:worker'] },
      },
      names: NAMED.map(hostNameOf),
    };
    return {
      command: process.execPath,
      args: [fileURLToPath(new URL('../dns/main.ts', import.meta.url))],
      env: { [DNS_CONFIG_VARIABLE]: JSON.stringify(config) },
    };
  },
  async probe(_folder, { ports, secrets }) {
    if (!(await answersControl(urlOf(ports.dns), secrets.dnsToken)))
      throw new Error('it does not know the token');
    return undefined;
  },
};
