import { join } from 'node:path';
import { ChaosError } from '../../base/errors.ts';
import { stacksFolder } from '../folder.ts';
import { newBaseState } from '../new-state.ts';
import { listStacks, removeStack } from '../remove.ts';
import type { Stack, StackOptions } from '../stack.ts';
import { createState, stateIn, writeState } from '../state.ts';
import { attachExternalStack } from './attach.ts';
import { checkTarget, targetError } from './check.ts';
import { readExternalFile } from './read-file.ts';
import type { ExternalTarget } from './schema.ts';
import type { ExternalState } from './state.ts';

/**
 * Begins to use a target that runs already: nothing is started. It is this run's alone, as far as this machine's runs go, until it is
 * disposed of.
 *
 * @throws ChaosError `E_EXTERNAL_FILE`, `E_EXTERNAL_ENV`, `E_EXTERNAL_TARGET` when it is not as its file says, `E_EXTERNAL_IN_USE`
 *   when another run uses it
 */
export async function startExternalStack({ spec, byHand, onProgress, signal }: StackOptions): Promise<Stack> {
  if (spec?.kind !== 'external') throw new Error('the spec is that of another stack');
  if (byHand) {
    throw new ChaosError({
      code: 'E_USAGE',
      happened: 'An external target runs already: there is nothing to bring up.',
      remedy: 'use it with `run --stack external:FILE` or `recover --dry-run --stack external:FILE`.',
    });
  }
  const target = readExternalFile(spec.file);
  const state: ExternalState = { ...newBaseState(spec), target, proxies: {}, versions: {}, touched: [] };
  const { id } = state;
  const folder = join(stacksFolder(), id);
  createState(folder, state);
  try {
    await requireUnused(target, id);
    signal?.throwIfAborted();
    onProgress?.(`looking at ${target.name}`);
    writeState(folder, { ...state, ...(await checkTarget(target, process.env)) } as ExternalState);
    signal?.throwIfAborted();
    return attachExternalStack(folder);
  } catch (error) {
    await removeStack(folder);
    throw error;
  }
}

/** Two runs would take each other's faults for their own. Each is in the list before it looks, so of two at once none or one goes on. */
async function requireUnused(target: ExternalTarget, own: string): Promise<void> {
  for (const { id, folder, ownerAlive } of await listStacks()) {
    const state = stateIn(folder);
    if (id === own || state?.spec.kind !== 'external') continue;
    const other = (state as ExternalState).target;
    const same =
      other.web.url === target.web.url ||
      (target.toxiproxy !== undefined && other.toxiproxy?.url === target.toxiproxy.url);
    if (!same) continue;
    if (!ownerAlive)
      throw targetError(
        `A run that was killed has left ${target.name} as it should not be (stack ${id}): run \`langfuse-chaos down\` first.`,
      );
    throw new ChaosError({
      code: 'E_EXTERNAL_IN_USE',
      happened: `Another run on this machine uses ${target.name} (process ${state.owner.pid}).`,
      expected: 'one run at a time: their faults would be taken for each other’s',
      remedy: 'wait until it has ended; leave out --jobs.',
    });
  }
}
