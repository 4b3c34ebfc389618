import { systemClock } from '../../base/clock.ts';
import { processState } from '../processes.ts';
import { controlOf } from './component.ts';
import { endGroup, LOOK_INTERVAL_MS, timeoutOf } from './hooks.ts';
import type { Hooked } from './schema.ts';
import { type Change, type ExternalState, noteChanged } from './state.ts';

/**
 * Sees through what another process had begun to change by commands and left: it was killed, or hangs. A command goes on after such an
 * end, and what it does may be seen later still; to undo it before it has happened would undo nothing. One that does not come to
 * an end in its time is ended; what the component is then is for others to see.
 */
export async function seeChangesThrough(folder: string, state: ExternalState): Promise<void> {
  await Promise.all(
    Object.entries(state.changing ?? {}).map(async ([name, change]) => {
      await seeThrough(folder, state, name as Hooked, change);
      noteChanged(folder, name as Hooked);
    }),
  );
}

async function seeThrough(
  folder: string,
  state: ExternalState,
  name: Hooked,
  { wanted, process }: Change,
): Promise<void> {
  const component = controlOf(folder, state, name);
  const deadline = systemClock.now() + timeoutOf(state.target.hooks[name]);
  while (systemClock.now() < deadline) {
    const ended = !process || processState(process) === 'exited';
    // A look that fails shows nothing.
    if (ended && (await component.state().catch(() => undefined)) === wanted) return;
    await systemClock.sleep(LOOK_INTERVAL_MS);
  }
  if (process && processState(process) !== 'exited') endGroup(process.pid);
}
