import { fileURLToPath } from 'node:url';
import { HTTP_LINKS } from '../../http.ts';
import { endsOf } from '../../stack.ts';
import { answersControl } from '../control-interface/call.ts';
import { HTTP_PROXY_CONFIG_VARIABLE, type HttpProxyConfig } from '../http-proxy/config.ts';
import { HOST } from '../ports.ts';
import { urlOf } from '../urls.ts';
import type { Part } from './part.ts';

/** Our HTTP proxy, which a link leads through only while single requests are interfered with; its rules are gone after a start. */
export const httpProxyPart: Part = {
  name: 'http-proxy',
  tcp: ['http-proxy', ...HTTP_LINKS.map((link) => `http:${link}` as const)],
  udp: [],
  stopSignal: 'SIGTERM',
  launch: async (_folder, { ports, secrets }) => {
    const routes = HTTP_LINKS.map(
      (link) => [link, { listen: ports[`http:${link}`], upstream: ports[endsOf(link).to] }] as const,
    );
    const config: HttpProxyConfig = {
      host: HOST,
      control: ports['http-proxy'],
      token: secrets.httpProxyToken,
      routes: Object.fromEntries(routes) as HttpProxyConfig['routes'],
    };
    return {
      command: process.execPath,
      args: [fileURLToPath(new URL('../http-proxy/main.ts', import.meta.url))],
      env: { [HTTP_PROXY_CONFIG_VARIABLE]: JSON.stringify(config) },
    };
  },
  async probe(_folder, { ports, secrets }) {
    if (!(await answersControl(urlOf(ports['http-proxy']), secrets.httpProxyToken)))
      throw new Error('it does not know the token');
    return undefined;
  },
};
