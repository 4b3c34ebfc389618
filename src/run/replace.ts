import { ChaosError } from '../base/errors.ts';
import { askVersion } from '../langfuse/find-target.ts';
import type { ReplaceStep } from '../scenario/scenario.ts';
import { readCheckout } from '../stack/source/checkout.ts';
import { type StackSpec, specText } from '../stack/spec.ts';
import type { OpenRun } from './phases.ts';
import type { RunLog } from './run-log.ts';

/**
 * What carries out the replacements of a run, one after the other. After each the web is asked for its version: an image that a variable
 * names may be of another than it is taken for. The worker tells none.
 */
export function replace(
  { stack, queue, clock, log }: OpenRun,
  signal: AbortSignal,
): (step: ReplaceStep) => Promise<void> {
  let web = stack.spec;
  return async ({ replace: process, by }) => {
    if (!stack.replace) throw new Error('this stack has no other version');
    const depths = await queue.depths().catch(() => undefined);
    const at = clock.now();
    log.changed(`replacing ${process} by ${by === 'own' ? 'its own version' : 'the other version'}`);
    const spec = await stack.replace(process, by, signal);
    const answeredAt = clock.now();
    if (process === 'web') web = spec;
    const version = await toldVersion(stack, log, signal);
    log.replaced({
      process,
      by,
      target: specText(spec),
      at,
      answeredAt,
      ...(depths ? { queue: depths } : {}),
      ...(version === undefined ? {} : { webVersion: version }),
    });
    if (version !== undefined) doubtOtherVersion(log, web, version);
  };
}

/** Doubts a run whose web says another version than the one that is to be tested; a spec that names none says nothing. */
export function doubtOtherVersion(log: Pick<RunLog, 'doubt'>, spec: StackSpec, version: string): void {
  const named = namedVersion(spec);
  if (named === undefined || named === version) return;
  log.doubt(
    'other-version',
    `${specText(spec)} is to be tested, and the web says that it is Langfuse ${version}.`,
  );
}

/** The version that a spec or its checkout names; the reference pipelines have their own, and `docker` alone may be any image of the user's. */
export function namedVersion(spec: StackSpec): string | undefined {
  if (spec.kind === 'source') return readCheckout(spec.directory).version;
  return spec.kind === 'docker' ? spec.version : undefined;
}

async function toldVersion(
  { target }: OpenRun['stack'],
  log: OpenRun['log'],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await askVersion(target);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ChaosError)) throw error;
    log.doubt('other-version', `After a replacement ${error.parts.happened}`);
    return undefined;
  }
}
