import { ChaosError, messageOf } from '../../../base/errors.ts';
import type { HttpControl, HttpHit, HttpLink } from '../../http.ts';

/** How long the control interface may take; it is on this machine. */
const TIMEOUT_MS = 5000;

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
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    let status: number;
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await response.json();
      if (response.ok) return answer;
      status = response.status;
    } catch (error) {
      throw new ChaosError({
        code: 'E_HTTP_PROXY',
        happened: `The HTTP proxy could not be told ${method} ${path}: ${messageOf(error)}.`,
        remedy: 'see whether the component `http-proxy` of the stack runs.',
        cause: error,
      });
    }
    throw new ChaosError({
      code: 'E_HTTP_PROXY',
      happened: `The HTTP proxy answered ${method} ${path} with status ${status}.`,
      expected: 'a link that speaks HTTP, and a rule as in src/stack/http.ts',
      remedy: 'this is a defect of langfuse-chaos; please report it.',
    });
  };
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

/** Whether the proxy answers and knows the token, that is, is this stack's. */
export async function httpProxyAnswers(url: string, token: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.ok;
}
