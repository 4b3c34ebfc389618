import { ChaosError } from '../base/errors.ts';
import { choosePort } from './embedded/ports.ts';
import type { StartedState } from './new-state.ts';
import { listStacks } from './remove.ts';
import type { StackOptions } from './stack.ts';
import { stateIn } from './state.ts';

/** Another process may take a port between choosing and listening: the stack is then started again with other ports. */
const START_TRIES = 4;

/**
 * A free port for each name, and none that another stack has: one that is killed at the moment needs its port again.
 *
 * @throws ChaosError `E_PORTS` when there are none left
 */
export async function choosePorts<Name extends string>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, number>>> {
  const stacks = await listStacks();
  // One may be removed at this moment.
  const taken = new Set(
    stacks.flatMap(({ folder }) =>
      Object.values((stateIn(folder) as Partial<StartedState> | undefined)?.ports ?? {}),
    ),
  );
  const ports: Partial<Record<Name, number>> = {};
  for (const name of names) ports[name] = await choosePort(taken);
  return ports as Record<Name, number>;
}

/**
 * Starts a stack, and once more with other ports when one was taken meanwhile.
 *
 * @param start chooses the ports; must leave nothing when it fails
 * @throws what `start` does
 */
export async function startOnFreePorts<Started>(
  start: () => Promise<Started>,
  onProgress: StackOptions['onProgress'],
): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      const again = error instanceof ChaosError && error.code === 'E_PORT_TAKEN' && tries < START_TRIES;
      if (!again) throw error;
      onProgress?.('a port was taken meanwhile; starting again with others');
    }
  }
}
