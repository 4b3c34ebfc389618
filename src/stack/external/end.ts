import { ChaosError, messageOf } from '../../base/errors.ts';
import type { Link } from '../stack.ts';
import { seeChangesThrough } from './changes.ts';
import { controlOf } from './component.ts';
import type { Hooked } from './schema.ts';
import type { ExternalState } from './state.ts';
import { restoreProxy } from './toxiproxy.ts';

/**
 * Puts every place where a fault was injected back as it was found: nothing else of an external target is ended. Idempotent.
 *
 * @throws ChaosError `E_EXTERNAL_RESTORE` when some of it can't be: the folder then stays, for the next `undo`
 */
export async function restoreTarget(folder: string, state: ExternalState): Promise<void> {
  await seeChangesThrough(folder, state);
  const failures: string[] = [];
  for (const place of state.touched) {
    try {
      await restorePlace(folder, state, place);
    } catch (error) {
      failures.push(`${place}: ${messageOf(error).split('\n')[0]}`);
    }
  }
  if (failures.length === 0) return;
  throw new ChaosError({
    code: 'E_EXTERNAL_RESTORE',
    happened: `The target ${state.target.name} is not as it was: ${failures.join('; ')}.`,
    expected: 'every proxy enabled, without toxics of ours, and every process running',
    remedy: `make it reachable and run \`langfuse-chaos down ${state.id}\`; or put it right by hand and run \`langfuse-chaos down --forget ${state.id}\`.`,
  });
}

async function restorePlace(folder: string, state: ExternalState, place: Link | Hooked): Promise<void> {
  const proxy = state.proxies[place as Link];
  if (proxy) {
    await restoreProxy(state.target.toxiproxy?.url ?? '', proxy);
    return;
  }
  const component = controlOf(folder, state, place as Hooked);
  const seen = await component.state();
  if (seen === 'paused') await component.resume();
  if (seen === 'exited') await component.start();
}
