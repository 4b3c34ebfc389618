import { request } from 'undici';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Link, Stack } from '../stack/stack.ts';

/** Removing a toxic may take Toxiproxy 5 s, when a connection does not take what it still holds back. */
const TIMEOUT_MS = 10_000;

/** A toxic as Toxiproxy's API has it; always on all connections, because its own dice know no seed. */
export interface Toxic {
  /** One of its own for each fault, so that a fault removes no other's. */
  readonly name: `chaos-${string}`;
  readonly type: 'bandwidth' | 'latency' | 'limit_data' | 'reset_peer' | 'slicer' | 'slow_close' | 'timeout';
  /** `upstream`: what the process sends; `downstream`: what it gets back. */
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

/** The proxy of a link as Toxiproxy has it. */
export interface ProxyState {
  readonly enabled: boolean;
  /** `HOST:PORT` */
  readonly upstream: string;
  readonly toxics: readonly Toxic[];
}

/** The proxy of a link. @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link */
export async function proxyOf(stack: Stack, link: Link): Promise<ProxyState> {
  return (await call(stack, link, 'GET', '')) as ProxyState;
}

/**
 * Enables or disables the proxy of a link. Disabling refuses new connections and closes the open ones.
 *
 * @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link
 */
export async function setProxyEnabled(stack: Stack, link: Link, enabled: boolean): Promise<void> {
  await call(stack, link, 'PATCH', '', { enabled });
}

/**
 * Closes the open connections of a link without keeping new ones out for longer than an instant. A link that is held closed has none
 * and stays closed.
 *
 * @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link
 */
export async function dropConnections(stack: Stack, link: Link): Promise<void> {
  if (!(await proxyOf(stack, link)).enabled) return;
  await setProxyEnabled(stack, link, false);
  await setProxyEnabled(stack, link, true);
}

/**
 * Leads a link somewhere else; its open connections are closed when that is a change.
 *
 * @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link
 */
export async function setUpstream(
  stack: Stack,
  link: Link,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  await call(stack, link, 'PATCH', '', { upstream: `${host}:${port}`, enabled: true });
}

/**
 * Puts a toxic on a link, on its open connections too. One of the same name that is there is left if it is the same, and replaced if not.
 *
 * @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link
 */
export async function addToxic(stack: Stack, link: Link, toxic: Toxic): Promise<void> {
  const { toxics } = await proxyOf(stack, link);
  const there = toxics.find(({ name }) => name === toxic.name);
  if (there && isSame(there, toxic)) return;
  if (there) await removeToxic(stack, link, toxic.name);
  await call(stack, link, 'POST', '/toxics', { ...toxic, toxicity: 1 });
}

/**
 * Takes a toxic off a link; nothing happens when it is not there.
 *
 * @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link
 */
export async function removeToxic(stack: Stack, link: Link, name: Toxic['name']): Promise<void> {
  const { toxics } = await proxyOf(stack, link);
  if (toxics.some((toxic) => toxic.name === name)) await call(stack, link, 'DELETE', `/toxics/${name}`);
}

function isSame(one: Toxic, other: Toxic): boolean {
  const names = Object.keys(other.attributes);
  return (
    one.stream === other.stream && names.every((name) => one.attributes[name] === other.attributes[name])
  );
}

/** One call of Toxiproxy's HTTP API about a link; its reason is kept, which the library for it loses. */
async function call(
  stack: Stack,
  link: Link,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  let reason: string;
  let cause: unknown;
  try {
    const url = `${stack.toxiproxyUrl}/proxies/${encodeURIComponent(stack.proxyName?.(link) ?? link)}${path}`;
    const response = await request(url, {
      method,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      // A connection kept for later may be of a Toxiproxy that has been restarted.
      reset: true,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.body.text();
    if (response.statusCode < 300) return text === '' ? undefined : JSON.parse(text);
    reason = `status ${response.statusCode}: ${text.trim()}`;
  } catch (error) {
    reason = messageOf(error);
    cause = error;
  }
  throw new ChaosError({
    code: 'E_TOXIPROXY',
    happened: `Toxiproxy did not do what it was told about the link ${link} (${method} ${path || 'proxy'}): ${reason}.`,
    expected: 'a running Toxiproxy that knows every link of the stack',
    remedy:
      'see whether it still runs (`langfuse-chaos doctor`; its log is in the stack folder), and undo with `langfuse-chaos undo`.',
    cause,
  });
}
