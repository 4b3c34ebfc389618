import { lookOverTcp } from '../../stack/embedded/dns/own-look.ts';
import type { AppProcess, Stack } from '../../stack/stack.ts';

/** Milliseconds that the resolver has; it is asked again until the fault has healed. */
const TIMEOUT_MS = 1000;

/**
 * Asks for a name as the process would, through its link to the resolver. The question is marked as the harness's own: in the server's
 * log it would pass for one of the process, and a fault for felt.
 *
 * @returns the answer in words when the name leads to the links again
 * @throws when the resolver gives no answer
 */
export async function resolvesAgain(
  from: AppProcess,
  name: string,
  stack: Stack,
): Promise<string | undefined> {
  const address = stack.linkAddress(`${from}→dns`);
  // Every link listens at the same address, where the names lead to.
  const addresses = await lookOverTcp(address, name, TIMEOUT_MS);
  return addresses.includes(address.host) ? `${name} resolves again for the ${from}` : undefined;
}
