import type { HttpControl, HttpHit, HttpLink } from '../../http.ts';
import { type CalledInterface, callControlInterface } from '../control-interface/call.ts';

/** What {@link httpControl} needs to know of a stack. */
export interface HttpProxyPlace {
  /** Base URL of the control interface. */
  readonly url: string;
  readonly token: string;
  /** Leads a link through the proxy, or straight to its server; nothing happens when it leads there already. */
  lead(link: HttpLink, through: 'proxy' | 'server'): Promise<void>;
  /** Whether the proxy's process is there. */
  runs(): Promise<boolean>;
}

/** Hold of the HTTP proxy of a stack. Its methods throw ChaosError `E_HTTP_PROXY`, or what {@link HttpProxyPlace.lead} throws. */
export function httpControl({ url, token, lead, runs }: HttpProxyPlace): HttpControl {
  const called: CalledInterface = {
    url,
    token,
    name: 'HTTP proxy',
    component: 'http-proxy',
    code: 'E_HTTP_PROXY',
    refused: {
      expected: 'a link that speaks HTTP, and a rule as in src/stack/http.ts',
      remedy: 'this is a defect of langfuse-chaos; please report it.',
    },
  };
  const call = (method: string, path: string, body?: unknown) =>
    callControlInterface(called, method, path, body);
  return {
    async setRule(link, rule) {
      await call('PUT', `/rules/${encodeURIComponent(link)}`, rule);
      await lead(link, 'proxy');
    },
    async clearRule(link) {
      await lead(link, 'server');
      // A proxy that is gone has taken its rules with it.
      if (await runs()) await call('DELETE', `/rules/${encodeURIComponent(link)}`);
    },
    async hits(link, since) {
      return (await call('GET', `/hits/${encodeURIComponent(link)}?since=${since}`)) as HttpHit[];
    },
  };
}
