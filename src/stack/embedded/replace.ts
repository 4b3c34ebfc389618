import { openCheckout } from '../source/open.ts';
import type { AppProcess, AppVersion, Stack } from '../stack.ts';
import { bringUp } from './bring-up.ts';
import { partOf } from './parts/parts.ts';
import { type LocalSpec, readState, stateOf, updateState } from './state.ts';

/**
 * Replaces web or worker; see `Stack.replace`. The state says what the process is to run before it is started: whoever starts it
 * from then on, such as the undoing of a fault after a kill, starts the same.
 */
export async function replaceProcess(
  stack: Pick<Stack, 'folder' | 'component' | 'access' | 'target' | 'secrets'>,
  process: AppProcess,
  by: AppVersion,
  signal?: AbortSignal,
): Promise<LocalSpec> {
  const { folder } = stack;
  const { spec: own, other } = readState(folder);
  if (!other) throw new Error('this stack has no other version');
  const spec = by === 'own' ? own : other;
  // Looked at first: what can't be started must not end what runs.
  const checkout = spec.kind === 'source' ? openCheckout(spec.directory) : undefined;
  await stack.component(process).stop();
  signal?.throwIfAborted();
  updateState(folder, ({ runs }) => ({ runs: { ...runs, [process]: spec } }));
  const version = await bringUp(partOf(process, stateOf(folder, process)), folder, signal);
  // A web that could not reach Postgres while it was started answers every request with 500 from then on.
  if (process === 'web')
    await checkout?.proveReady({ ...stack, versions: version ? { web: version } : {} }, signal);
  return spec;
}
