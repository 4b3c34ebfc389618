import type { ContainerRuntimeClient } from 'testcontainers';
import { ChaosError } from '../../base/errors.ts';
import { requireCompose } from './compose.ts';
import { connectEngine } from './engine.ts';

/**
 * Looks for all that containers need here, and tells of all that is missing at once.
 *
 * @returns the engine, and the version of compose
 * @throws ChaosError `E_DOCKER_ENGINE`, `E_DOCKER_COMPOSE`
 */
export async function requireDocker(
  signal?: AbortSignal,
): Promise<{ readonly client: ContainerRuntimeClient; readonly compose: string }> {
  const [engine, compose] = await Promise.allSettled([connectEngine(), requireCompose(signal)]);
  signal?.throwIfAborted();
  if (engine.status === 'fulfilled' && compose.status === 'fulfilled')
    return { client: engine.value, compose: compose.value };
  const errors: unknown[] = [engine, compose].flatMap((each) =>
    each.status === 'rejected' ? [each.reason] : [],
  );
  const [first, second] = errors;
  if (!(first instanceof ChaosError && second instanceof ChaosError)) throw first;
  throw new ChaosError({
    ...first.parts,
    happened: `${first.parts.happened} ${second.parts.happened}`,
    expected: `${first.parts.expected}; ${second.parts.expected}`,
    remedy: `${first.parts.remedy} For the other: ${second.parts.remedy}`,
    cause: errors,
  });
}
