import { Resolver } from 'node:dns/promises';
import type { AppProcess, Stack } from '../../stack/stack.ts';

/** Milliseconds that the resolver has; it is asked again until the fault has healed. */
const TIMEOUT_MS = 1000;

/**
 * Asks for a name as the process would, through its link to the resolver.
 *
 * @returns the answer in words when the name leads to the links again
 * @throws the resolver's error, such as `queryA ENOTFOUND s3.chaos.test`
 */
export async function resolvesAgain(
  from: AppProcess,
  name: string,
  stack: Stack,
): Promise<string | undefined> {
  const { host, port } = stack.linkAddress(`${from}→dns`);
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  resolver.setServers([`${host}:${port}`]);
  // Every link listens at the same address, where the names lead to.
  const addresses = await resolver.resolve4(name);
  return addresses.includes(host) ? `${name} resolves again for the ${from}` : undefined;
}
