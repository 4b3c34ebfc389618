import { Toxiproxy } from 'toxiproxy-node-client';
import { ChaosError, messageOf } from '../base/errors.ts';
import type { Link, Stack } from '../stack/stack.ts';

/**
 * Enables or disables the proxy of a link. Disabling refuses new connections and closes the open ones.
 *
 * @throws ChaosError `E_TOXIPROXY` when Toxiproxy does not answer or does not know the link
 */
export async function setProxyEnabled(stack: Stack, link: Link, enabled: boolean): Promise<void> {
  try {
    const proxy = await new Toxiproxy(stack.toxiproxyUrl).get(link);
    await proxy.update({ enabled, listen: proxy.listen, upstream: proxy.upstream });
  } catch (error) {
    // The client throws things that are not Errors and drops the server's reason, so the text may be poor.
    throw new ChaosError({
      code: 'E_TOXIPROXY',
      happened: `Toxiproxy could not ${enabled ? 'enable' : 'disable'} the link ${link}: ${messageOf(error)}.`,
      remedy:
        'see whether Toxiproxy still runs (`langfuse-chaos doctor`), and undo with `langfuse-chaos undo`.',
      cause: error,
    });
  }
}

/**
 * Closes the open connections of a link without keeping new ones out for longer than an instant. No other fault may
 * hold the link closed at the time; a scenario whose faults overlap on one link is refused.
 */
export async function dropConnections(stack: Stack, link: Link): Promise<void> {
  await setProxyEnabled(stack, link, false);
  await setProxyEnabled(stack, link, true);
}
