import { ChaosError } from '../base/errors.ts';
import { listStacks } from '../stack/remove.ts';
import type { Stack } from '../stack/stack.ts';
import { attachStack } from '../stack/stacks.ts';

/**
 * The running stack of that id, or the only one that was started by hand: that of a run is touched only when it is named.
 * The caller must not dispose of it: it belongs to whoever started it.
 *
 * @throws ChaosError `E_NO_STACK` when there is none, or several and no id was given
 */
export async function findStack(id: string | undefined): Promise<Stack> {
  const all = await listStacks();
  const stacks = id === undefined ? all.filter((stack) => stack.byHand) : all;
  const [found, ...others] = id === undefined ? stacks : stacks.filter((stack) => stack.id === id);
  if (found && others.length === 0) return attachStack(found.folder);
  const ids = stacks.map((stack) => stack.id).join(', ');
  throw new ChaosError({
    code: 'E_NO_STACK',
    happened: found
      ? `Several stacks are running: ${ids}.`
      : id
        ? `There is no stack ${id}.`
        : 'No stack is running.',
    expected:
      stacks.length > 0 ? `the id of one of ${ids}` : 'a stack that was started with `langfuse-chaos up`',
    remedy: stacks.length > 0 ? 'name one of them.' : 'start one with `langfuse-chaos up`.',
  });
}
