import type { Access } from '../langfuse/access.ts';
import { readQueueFacts } from '../langfuse/queue-facts.ts';
import type { StackSpec } from '../stack/spec.ts';

/** Milliseconds that an insert of the worker may take: the request timeout of its ClickHouse client, which Langfuse leaves as it is. */
const INSERT_TIMEOUT_MS = 30_000;

/**
 * Milliseconds without a job and without a new row after which a target counts as quiet.
 *
 * A little more than the writer's interval, where events of our own then follow through the same worker (see settle.ts). Those prove
 * nothing of another worker's memory. So where a target may have several, the quiet must outlast an insert that hangs and its repetition.
 *
 * @param writeIntervalMs between two flushes of a worker's buffer
 */
export async function quietTimeMs(
  { spec, access }: { readonly spec: Pick<StackSpec, 'kind'>; readonly access: Pick<Access, 'redis'> },
  writeIntervalMs: number,
): Promise<number> {
  const usual = writeIntervalMs + 500;
  // What the harness starts has one worker.
  if (spec.kind !== 'external' || (await mostWorkers(access.redis)) === 1) return usual;
  return INSERT_TIMEOUT_MS + writeIntervalMs + usual;
}

/** Workers of the queue that has most; undefined where Redis does not tell. */
async function mostWorkers(redis: Access['redis']): Promise<number | undefined> {
  try {
    const numbers = (await readQueueFacts(redis)).map(({ workers }) => workers);
    return numbers.includes(undefined) ? undefined : Math.max(...numbers.map((number) => number ?? 0));
  } catch {
    return undefined;
  }
}
