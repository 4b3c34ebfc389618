import type { Access } from '../langfuse/access.ts';
import { INSERT_TIMEOUT_MS } from '../langfuse/profile.ts';
import { countWorkers } from '../langfuse/queue-facts.ts';
import type { TargetFacts } from '../langfuse/target-facts.ts';
import type { StackSpec } from '../stack/spec.ts';

/** What has to be known of a target. */
export interface QuietTarget {
  readonly spec: Pick<StackSpec, 'kind'>;
  readonly access: Pick<Access, 'redis'>;
  /** As they were when the run began. */
  readonly queues: TargetFacts['queues'];
}

/**
 * Milliseconds without a job and without a new row after which a target counts as quiet.
 *
 * A little more than the writer's interval, where events of our own then follow through the same worker (see settle.ts). Those prove
 * nothing of another worker's memory. So where a target may have several, the quiet must outlast an insert that hangs and its repetition.
 * One that had several has them still, though not all are back.
 *
 * @param writeIntervalMs between two flushes of a worker's buffer
 */
export async function quietTimeMs(
  { spec, access, queues }: QuietTarget,
  writeIntervalMs: number,
): Promise<number> {
  const usual = writeIntervalMs + 500;
  // What the harness starts has one worker.
  if (spec.kind !== 'external') return usual;
  const hadOne = queues.every(({ workers = 2 }) => workers <= 1);
  const hasOne = (await countWorkers(access.redis).catch(() => undefined)) === 1;
  return hadOne && hasOne ? usual : INSERT_TIMEOUT_MS + writeIntervalMs + usual;
}
