import { request } from 'undici';
import type { Link } from '../stack.ts';
import type { ExternalTarget } from './schema.ts';
import type { FoundProxy } from './state.ts';

const TIMEOUT_MS = 5000;

/** A proxy as Toxiproxy's API has it. */
export interface Proxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string }[];
}

/** Every proxy by its name. */
export async function allProxies(url: string): Promise<Readonly<Record<string, Proxy>>> {
  return JSON.parse(await ask(url, '/proxies')) as Record<string, Proxy>;
}

/** Toxiproxy's version, for example `2.12.0`. */
export async function versionOf(url: string): Promise<string> {
  return (JSON.parse(await ask(url, '/version')) as { version: string }).version;
}

/**
 * Bytes of all connections through a proxy that have ended so far, both ways; undefined where Toxiproxy was not started with
 * `-proxy-metrics`. It counts a connection when that ends (`link.go` at v2.12.0).
 */
export async function endedBytes(url: string, proxy: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await ask(url, '/metrics');
  } catch {
    return undefined;
  }
  return bytesIn(text, proxy);
}

/** The bytes that a page of Toxiproxy's metrics tells of a proxy; undefined when it tells nothing of any. */
export function bytesIn(page: string, proxy: string): number | undefined {
  const lines = page.split('\n').filter((line) => line.startsWith('toxiproxy_proxy_received_bytes_total{'));
  if (lines.length === 0 && !page.includes('toxiproxy_proxy_')) return undefined;
  const own = lines.filter((line) => line.includes(`proxy="${proxy}"`));
  return own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Removes toxics of the harness from a proxy, and opens it and leads it where it led. Nothing happens where all is so. */
export async function restoreProxy(url: string, { name, upstream }: FoundProxy): Promise<void> {
  const path = `/proxies/${encodeURIComponent(name)}`;
  const found = JSON.parse(await ask(url, path)) as Proxy;
  for (const toxic of found.toxics)
    if (toxic.name.startsWith('chaos-'))
      await ask(url, `${path}/toxics/${encodeURIComponent(toxic.name)}`, 'DELETE');
  if (found.enabled && found.upstream === upstream) return;
  await ask(url, path, 'PATCH', { enabled: true, upstream });
}

/** Why the proxy of a link can't be used as it is now; undefined where it can. */
export function whyNotFree(proxy: Proxy | undefined, name: string, link: Link): string | undefined {
  if (!proxy) return `Toxiproxy has no proxy ${name} for ${link}`;
  if (!proxy.enabled) return `the proxy ${name} of ${link} is disabled`;
  const toxics = proxy.toxics.map((toxic) => toxic.name).join(', ');
  return toxics === '' ? undefined : `the proxy ${name} of ${link} has toxics on it already: ${toxics}`;
}

/** Where the harness reaches a proxy: as the file says, or on the host of Toxiproxy's API. */
export function addressOf(
  proxy: Proxy,
  { name, address }: { name: string; address?: string | undefined },
  api: string,
): FoundProxy {
  const port = proxy.listen.slice(proxy.listen.lastIndexOf(':') + 1);
  return { name, address: address ?? `${new URL(api).hostname}:${port}`, upstream: proxy.upstream };
}

/** The links whose proxies may be touched. */
export function allowedLinks({ allow }: ExternalTarget): Link[] {
  return [...new Set(allow.faults.flatMap(({ on }) => (on.includes('→') ? [on as Link] : [])))];
}

async function ask(
  url: string,
  path: string,
  method: 'GET' | 'PATCH' | 'DELETE' = 'GET',
  body?: object,
): Promise<string> {
  const response = await request(`${url}${path}`, {
    method,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    reset: true,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.body.text();
  if (response.statusCode >= 300)
    throw new Error(`${method} ${path} answered ${response.statusCode}: ${text.trim().slice(0, 200)}`);
  return text;
}
