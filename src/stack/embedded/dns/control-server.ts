import { z } from 'zod';
import { type ControlReply, type ControlRequest, serveControlInterface } from '../control-interface/serve.ts';
import type { DnsConfig } from './config.ts';
import type { DnsServer } from './server.ts';
import { viewFaultSchema, zoneFaultSchema } from './zone-fault.ts';

const processSchema = z.enum(['web', 'worker']);

/**
 * The control interface: `GET /queries?since=MS`; `PUT` (body: the fault as JSON) and `DELETE` of `/faults/PROCESS/NAME` for one name and
 * of `/faults/PROCESS` for all of them. Rejects when the port is taken.
 */
export function serveControl(config: DnsConfig, dns: DnsServer): Promise<void> {
  return serveControlInterface(config, (request) => answer(dns, request));
}

function answer(dns: DnsServer, { method, url, path, json }: ControlRequest): ControlReply {
  const [resource, from, name] = path;
  if (method === 'GET' && resource === 'queries') {
    const since = Number(url.searchParams.get('since'));
    return { status: 200, body: dns.queries.filter(({ at }) => at >= since) };
  }
  const asker = processSchema.safeParse(from);
  if (resource !== 'faults' || !asker.success) return { status: 404 };
  const view = dns.views[asker.data];
  if (name !== undefined && !view.names.has(name)) return { status: 404 };
  if (method === 'DELETE') {
    if (name === undefined) view.fault = undefined;
    else view.faults.delete(name);
    return { status: 200 };
  }
  if (method !== 'PUT') return { status: 405 };
  if (name === undefined) {
    const fault = viewFaultSchema.safeParse(json);
    if (!fault.success) return { status: 400 };
    view.fault = fault.data;
  } else {
    const fault = zoneFaultSchema.safeParse(json);
    if (!fault.success) return { status: 400 };
    view.faults.set(name, { fault: fault.data, since: Date.now() });
  }
  return { status: 200 };
}
