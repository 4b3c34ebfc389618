import { waitUntil } from '../../../src/base/wait-until.ts';
import { addToxic, dropConnections, removeToxic, setProxyEnabled } from '../../../src/faults/proxy.ts';
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

/** The link takes connections and what is sent over them and gives nothing back, until disposed of. */
export async function blackHole(stack: Stack, link: Link): Promise<AsyncDisposable> {
  const toxic = { type: 'timeout', attributes: { timeout: 0 } } as const;
  await addToxic(stack, link, { ...toxic, name: 'chaos-up', stream: 'upstream' });
  await addToxic(stack, link, { ...toxic, name: 'chaos-down', stream: 'downstream' });
  return {
    [Symbol.asyncDispose]: async () => {
      await removeToxic(stack, link, 'chaos-up');
      await removeToxic(stack, link, 'chaos-down');
    },
  };
}

/** Whether a promise is still pending after a while in which an answer would have come. */
export async function isPending(promise: Promise<unknown>, whileMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), whileMs);
  const first = await Promise.race([
    promise.then(
      () => 'answered',
      () => 'failed',
    ),
    late,
  ]);
  clearTimeout(timer);
  return first === 'late';
}
