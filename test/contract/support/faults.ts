import { waitUntil } from '../../../src/base/wait-until.ts';
import { dropConnections, setProxyEnabled } from '../../../src/faults/proxy.ts';
import type { AppProcess, Dependency, Link, Stack } from '../../../src/stack/stack.ts';

/** The link refuses connections, and its open ones are closed, until disposed of. */
export async function refused(stack: Stack, link: Link): Promise<AsyncDisposable> {
  await setProxyEnabled(stack, link, false);
  return { [Symbol.asyncDispose]: () => setProxyEnabled(stack, link, true) };
}

/** The name of a dependency does not exist for one process, and its open connections are closed, until disposed of. */
export async function nameGone(
  stack: Stack,
  from: AppProcess,
  to: Exclude<Dependency, 'dns'>,
): Promise<AsyncDisposable> {
  const name = stack.dns.nameOf(to);
  await stack.dns.setFault(from, name, { kind: 'nxdomain' });
  await dropConnections(stack, `${from}→${to}`);
  return { [Symbol.asyncDispose]: () => stack.dns.clearFault(from, name) };
}

/** Waits until a process was told, at or after `since`, that a name does not exist. */
export async function untilAsked(
  stack: Stack,
  from: AppProcess,
  to: Exclude<Dependency, 'dns'>,
  since: number,
): Promise<void> {
  const name = stack.dns.nameOf(to);
  await waitUntil(
    `${from} to ask for ${name}`,
    async () =>
      (await stack.dns.queries(since)).some(
        (query) => query.from === from && query.name === name && query.answer === 'nxdomain',
      ),
    { timeoutMs: 30_000 },
  );
}
