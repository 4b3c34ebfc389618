import type { EntityKey } from '../langfuse/events.ts';
import type { SpansReplay } from '../langfuse/replay-job.ts';
import type { RawObject } from '../langfuse/storage.ts';
import { type ReconciledSpans, reconcileSpans } from './reconcile-spans.ts';
import type { ReplayedGap, ReplayOptions } from './replay-from-s3.ts';

/** What will be processed anyway: by jobs that were queued before, and by those that were added since. */
export interface UnderWay {
  readonly entities: Set<EntityKey>;
  /** Keys of objects of spans. */
  readonly objects: ReadonlySet<string>;
}

/** What is to be done about one object of spans: a job, or nothing and why. */
interface SpansDecision {
  readonly gaps: readonly ReplayedGap[];
  readonly job?: SpansReplay;
  readonly left?: string;
}

/**
 * What is to be done about objects of spans. What an entity's own job brings is not missing. The worker writes all spans of
 * an object anew; a row that is there already is replaced by the same.
 *
 * @throws ChaosError `E_S3` or `E_CLICKHOUSE` when one of them can't be asked
 */
export async function decideOnSpans(
  options: ReplayOptions,
  batch: readonly RawObject[],
  underWay: UnderWay,
): Promise<SpansDecision[]> {
  const found = await reconcileSpans(options, batch);
  return found.map((object) => {
    const own = object.gaps.filter(({ entity }) => !underWay.entities.has(entity));
    if (own.length === 0 && object.obstacle === undefined) return { gaps: [], left: 'whole' };
    const skipped = whyNot(object, underWay, options);
    return skipped === undefined
      ? { gaps: own, job: { object: object.key } }
      : { gaps: own.map((gap) => ({ ...gap, skipped })), left: skipped };
  });
}

function whyNot(object: ReconciledSpans, underWay: UnderWay, options: ReplayOptions): string | undefined {
  if (object.obstacle !== undefined) return object.obstacle;
  if (underWay.objects.has(object.key)) return 'a job for it is queued';
  if (!options.facts.profile.queues['otel-ingestion-queue']) return 'this version has no queue for spans';
  return options.dryRun ? 'dry run' : undefined;
}
