import { isDeepStrictEqual } from 'node:util';
import { HTTP_LINKS, httpRuleSchema } from '../../http.ts';
import {
  type ControlPlace,
  type ControlReply,
  type ControlRequest,
  serveControlInterface,
} from '../control-interface/serve.ts';
import type { HttpProxy } from './proxy.ts';
import { CountedRule } from './rules.ts';

/**
 * The control interface: `PUT` (body: the rule) and `DELETE /rules/LINK`, `GET /hits/LINK?since=MS`. Rejects when the port is taken.
 */
export function serveControl(config: ControlPlace, proxy: HttpProxy): Promise<void> {
  return serveControlInterface(config, (request) => answer(proxy, request));
}

function answer(proxy: HttpProxy, { method, url, path, json }: ControlRequest): ControlReply {
  const [resource, name] = path;
  const link = HTTP_LINKS.find((one) => one === name);
  if (!link) return { status: 404 };
  if (method === 'GET' && resource === 'hits') {
    const since = Number(url.searchParams.get('since'));
    return { status: 200, body: proxy.hits.filter((hit) => hit.link === link && hit.at >= since) };
  }
  if (resource !== 'rules') return { status: 404 };
  if (method === 'DELETE') {
    proxy.rules.delete(link);
    return { status: 200 };
  }
  const rule = httpRuleSchema.safeParse(json);
  if (method !== 'PUT' || !rule.success) return { status: 400 };
  // The same rule once more goes on counting: a fault may be injected twice.
  if (!isDeepStrictEqual(proxy.rules.get(link)?.rule, rule.data)) {
    proxy.rules.set(link, new CountedRule(rule.data));
  }
  return { status: 200 };
}
